// Runs the tests on every line of Node that the packages support. Other Nodes than the
// toolchain's come from npm into a cache that git ignores.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The oldest line that `engines` names, the toolchain's, and the newest. */
const VERSIONS = ['22', '24', '26']

const root = fileURLToPath(new URL('..', import.meta.url))

function nodeOf(version) {
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

const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const chosen = process.argv.slice(2)
const results = (chosen.length > 0 ? chosen : VERSIONS).map((version) => {
  const binary = nodeOf(version)
  const exact = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim()
  const args = [vitest, 'run', 'packages', 'regressions', '--typecheck.enabled=false', '--reporter=dot']
  console.log(`::: tests on Node ${exact}`)
  const { status } = spawnSync(binary, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  return { exact, status }
})
for (const { exact, status } of results) console.log(`Node ${exact}: ${status === 0 ? 'passed' : 'FAILED'}`)
process.exitCode = results.every(({ status }) => status === 0) ? 0 : 1
