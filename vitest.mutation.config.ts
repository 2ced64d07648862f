// For mutants: the packages' tests, without those of types, which no mutant of a core can fail, and without the enumerated
// orders, which take long. `MUTATION_TESTS` names the tests of a run that mutates a part (a glob; commas between several).
import type { ViteUserConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'
import config from './vitest.config.ts'

const tests = process.env['MUTATION_TESTS'] ?? 'packages/*/src/**/*.test.ts'

const isProperty = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith('.prop.test.ts')

/** The first test that fails ends a mutant's run, so the properties, which take longest, come last. */
class PropertiesLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.sort((a, b) => Number(isProperty(a)) - Number(isProperty(b)))
  }
}

const mutation: ViteUserConfig = {
  ...config,
  test: {
    ...config.test,
    include: tests.split(','),
    exclude: ['**/node_modules/**', '**/*interleavings.test.ts'],
    sequence: { sequencer: PropertiesLast },
    // Each mutant's run has a worker of its own anyway; one for each file too would take most of the time.
    isolate: false,
    setupFiles: ['scripts/mutation-setup.ts'],
    typecheck: { enabled: false },
  },
}

export default mutation
