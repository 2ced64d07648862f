// What was promised about the time that travels with each call, beside what was seen. Pure, as the rest of the summary.

import type { Evidence } from './evidence.ts'
import { ATTEMPT_MS, CALL_BUDGET_MS } from './promises.ts'
import type { Check } from './summary.ts'
import { COMMANDS } from './tally.ts'
import { sumOf, within } from './timeline.ts'
import { ms } from './words.ts'

export function judgeDeadlines(evidence: Evidence): Check[] {
  return [everybodyWasTold(evidence), timeHadPassed(evidence)]
}

/** An upstream that is called when there is no time left says so as an incident, which is judged elsewhere. */
function everybodyWasTold({ tally }: Evidence): Check {
  const { left, answers } = sumOf(COMMANDS.flatMap((command) => tally.commands[command].timeline))
  const { least = 0, most = 0, untold } = left
  return {
    promise: `each upstream is told how much of ${ms(CALL_BUDGET_MS)} is left, and is not asked without time`,
    seen: `of ${String(answers.upstream)} that answered ${String(untold)} were told nothing, the others ${ms(least)} to ${ms(most)}`,
    held: answers.upstream > 0 && untold === 0 && least > 0 && most <= CALL_BUDGET_MS,
  }
}

/** While a whole zone is silent, every second attempt comes after a first one that nobody answered. */
function timeHadPassed({ troubles, tally }: Evidence): Check {
  const mostMs = CALL_BUDGET_MS - ATTEMPT_MS
  const promise = `after ${ms(ATTEMPT_MS)} of silence the next one is told that ${ms(mostMs)} are left, or less`
  const zone = troubles.find(({ kind }) => kind === 'lost-zone')
  if (zone === undefined) return { promise, seen: 'no zone was silent', held: false }
  const { left, retried } = sumOf(
    COMMANDS.flatMap((command) => within(tally.commands[command].timeline, zone.from, zone.to)),
  )
  const { mostLater } = left
  return {
    promise,
    seen: `${String(retried)} second attempts, told ${mostLater === undefined ? 'nothing' : `${ms(mostLater)} at most`}`,
    held: mostLater !== undefined && mostLater <= mostMs,
  }
}
