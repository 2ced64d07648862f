// Programs that run the sources of the packages: they and the sources become one file, which a bare Node runs, and begins at once.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'

const TSCONFIG = fileURLToPath(new URL('../tsconfig.json', import.meta.url))

/** Bundles a file, with all that it imports, into a folder; resolves with the path of the bundle. */
export async function bundleSources(entry: string, folder: string): Promise<string> {
  await build({
    config: false,
    silent: true,
    entry: { bundle: entry },
    outDir: folder,
    outExtension: () => ({ js: '.mjs' }),
    format: 'esm',
    platform: 'node',
    tsconfig: TSCONFIG,
    noExternal: [/./],
    splitting: false,
    // What is bundled and no module of its own still asks Node for its parts by `require`.
    banner: {
      js: "import { createRequire as from } from 'node:module'; const require = from(import.meta.url)",
    },
  })
  return join(folder, 'bundle.mjs')
}
