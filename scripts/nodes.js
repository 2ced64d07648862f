// The lines of Node that the packages support. Other Nodes than the toolchain's come from npm into a cache that git ignores.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The oldest line that `engines` names, the toolchain's, and the newest. */
export const VERSIONS = ['22', '24', '26']

export const root = fileURLToPath(new URL('..', import.meta.url))

/** The binary of a line, fetched if it is not there. */
export function nodeOf(version) {
  const folder = join(root, 'node_modules/.cache/nodes', version)
  const binary = join(folder, 'node_modules/node/bin/node')
  if (existsSync(binary)) return binary
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }))
  execFileSync('npm', ['install', `node@${version}`, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return binary
}
