// For mutants: the packages' tests, without those of types, which no mutant of a core can fail, and without the enumerated
// orders, which take long. `MUTATION_TESTS` names the tests of a run that mutates a part (a glob; commas between several).
import type { ViteUserConfig } from 'vitest/config'
import config from './vitest.config.ts'

const tests = process.env['MUTATION_TESTS'] ?? 'packages/*/src/**/*.test.ts'

const mutation: ViteUserConfig = {
  ...config,
  test: {
    ...config.test,
    include: tests.split(','),
    exclude: ['**/node_modules/**', '**/*interleavings.test.ts'],
    setupFiles: ['scripts/mutation-setup.ts'],
    typecheck: { enabled: false },
  },
}

export default mutation
