// Measures ours on the lines of Node that the toolchain is not, for the page about performance.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { nodeOf, root } from './nodes.js'

const SCENARIOS = ['S1', 'S2', 'S3', 'S6', 'S7', 'S8-S1', 'S8-S3', 'S13']

const results = ['22', '26'].map((version) => {
  const args = [...SCENARIOS, '--no-peers', '--rounds', '5', '--into', `node-${version}`]
  return spawnSync(nodeOf(version), [join(root, 'bench/src/main.ts'), ...args], {
    cwd: root,
    stdio: 'inherit',
  }).status
})
process.exitCode = results.every((status) => status === 0) ? 0 : 1
