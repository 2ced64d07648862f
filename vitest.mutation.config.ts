// For mutants: the packages' tests, without those of types, which no mutant of a core can fail, and without the enumerated
// orders, which take long.
import type { ViteUserConfig } from 'vitest/config'
import config from './vitest.config.ts'

const mutation: ViteUserConfig = {
  ...config,
  test: {
    ...config.test,
    include: ['packages/*/src/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*interleavings.test.ts'],
    typecheck: { enabled: false },
  },
}

export default mutation
