// Every line and branch of the pure cores is run by the tests of their groups (scripts/mutation.json), or this fails.
// `CORES` names some of the groups, with commas between them; default: all.
import type { ViteUserConfig } from 'vitest/config'
import mutation from './scripts/mutation.json' with { type: 'json' }
import config from './vitest.config.ts'

const names = process.env['CORES']?.split(',')
// Other groups are of shells, which are mutated as well.
const groups = Object.entries(mutation.groups)
  .filter(([name]) => names === undefined || names.includes(name))
  .map(([, group]) => group)
  .filter(({ mutate }) => mutate.every((pattern) => pattern.includes('/core/')))

const cores: ViteUserConfig = {
  ...config,
  test: {
    ...config.test,
    include: groups.flatMap(({ tests }) => tests),
    typecheck: { enabled: false },
    coverage: {
      ...config.test?.coverage,
      enabled: true,
      include: groups.flatMap(({ mutate }) => mutate.filter((pattern) => !pattern.startsWith('!'))),
      reporter: [['text', { skipFull: true }]],
      reportsDirectory: 'coverage/cores',
      thresholds: { lines: 100, branches: 100 },
    },
  },
}

export default cores
