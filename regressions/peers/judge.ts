/** Runs scenarios against libraries. */
import { vi } from 'vitest'
import { breakwater } from './breakwater.js'
import { cockatiel } from './cockatiel.js'
import { opossum } from './opossum.js'
import type { Finding, Scenario, Theme } from './scenario.js'
import { answers } from './scenarios/answers.js'
import { bulkheads } from './scenarios/bulkheads.js'
import { halfOpen } from './scenarios/half-open.js'
import { opening } from './scenarios/opening.js'
import { retries } from './scenarios/retries.js'
import { timeouts } from './scenarios/timeouts.js'
import { trials } from './scenarios/trials.js'
import { upkeep } from './scenarios/upkeep.js'
import { Lacks } from './subject.js'
import type { Library } from './subject.js'

/** What a scenario found, or that the library does not have what it is about. */
export type Verdict = Finding | 'absent'

export const LIBRARIES: readonly Library[] = [breakwater, opossum, cockatiel]
export const THEMES: readonly Theme[] = [
  opening,
  halfOpen,
  trials,
  timeouts,
  bulkheads,
  retries,
  answers,
  upkeep,
]

const judged = new Map<Scenario, Map<Library, Promise<Verdict>>>()

/** Runs a scenario against a library, the first time that it is asked; one at a time. */
export function judge(scenario: Scenario, library: Library): Promise<Verdict> {
  const verdicts = judged.get(scenario) ?? new Map<Library, Promise<Verdict>>()
  judged.set(scenario, verdicts)
  const verdict = verdicts.get(library) ?? run(scenario, library)
  verdicts.set(library, verdict)
  return verdict
}

async function run(scenario: Scenario, library: Library): Promise<Verdict> {
  if (scenario.time === 'simulated') vi.useFakeTimers()
  try {
    return await scenario.run(library)
  } catch (error) {
    if (error instanceof Lacks) return 'absent'
    throw error
  } finally {
    vi.useRealTimers()
  }
}
