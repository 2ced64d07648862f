// Runs tests on every line of Node that the packages support: `[versions…] [paths…]`, by default all of both.
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { nodeOf, root, VERSIONS } from './nodes.js'

const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const { versions = VERSIONS, paths = ['packages', 'regressions'] } = Object.groupBy(
  process.argv.slice(2),
  (word) => (/^\d+$/.test(word) ? 'versions' : 'paths'),
)
const results = versions.map((version) => {
  const binary = nodeOf(version)
  const exact = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim()
  const args = [vitest, 'run', ...paths, '--typecheck.enabled=false', '--reporter=dot']
  console.log(`::: tests on Node ${exact}`)
  const { status } = spawnSync(binary, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  return { exact, status }
})
for (const { exact, status } of results) console.log(`Node ${exact}: ${status === 0 ? 'passed' : 'FAILED'}`)
process.exitCode = results.every(({ status }) => status === 0) ? 0 : 1
