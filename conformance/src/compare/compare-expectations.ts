// What a scenario file itself expects of an execution: the members that it names, compared as a recording's would be.

import type { Line, Scenario } from '../scenario/scenario.ts'
import type { Trace } from '../trace/trace.ts'
import { compareFields } from './compare-fields.ts'
import type { Difference } from './difference.ts'
import { MS_WITHIN } from './tolerances.ts'

/** Every named member that our trace has otherwise. Members that the file does not name are not looked at. */
export function compareExpectations(scenario: Scenario, ours: Trace, line: Line): Difference[] {
  return [...(scenario.expect.get(line) ?? [])].flatMap(([id, expected]) => {
    const exec = Object.entries(ours.execs[id] ?? {}).filter(([name]) => name in expected)
    return compareFields(expected, Object.fromEntries(exec), MS_WITHIN).map(({ path, ...values }) => ({
      scenario: scenario.id,
      path: `expect.${line}.${id}.${path}`,
      ...values,
    }))
  })
}
