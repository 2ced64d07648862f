/** Programs of their own that begin at once: they and the sources of the packages are one file, which a bare Node runs. For tests only. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { onTestFinished } from 'vitest'

/** Where the bundle of a program is, until the test has ended. */
export async function bundled(program: URL): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwater-network-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await build({
    config: false,
    silent: true,
    entry: { program: fileURLToPath(program) },
    outDir: folder,
    outExtension: () => ({ js: '.mjs' }),
    format: 'esm',
    platform: 'node',
    tsconfig: fileURLToPath(new URL('../../tsconfig.json', import.meta.url)),
    noExternal: [/./],
    splitting: false,
    // What is bundled and no module of its own still asks Node for its parts by `require`.
    banner: {
      js: "import { createRequire as from } from 'node:module'; const require = from(import.meta.url)",
    },
  })
  return join(folder, 'program.mjs')
}
