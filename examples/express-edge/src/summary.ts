// Sets what was promised beside what was seen. Pure: evidence in, checks out.

import type { Evidence, Fault, Stall } from './evidence.ts'
import { openings, total } from './observations.ts'
import type { CommandNumbers } from './observations.ts'
import { judgeBalancing } from './balancing-checks.ts'
import { judgeDeadlines } from './deadline-checks.ts'
import { judgeRegistry } from './registry-checks.ts'
import { ms, seconds, times } from './words.ts'
import { AFTERMATH_MS, PAGE_BUDGET_MS, STALLED_SHARE, TOLERANCE_MS } from './promises.ts'
import { COMMANDS } from './tally.ts'
import type { CommandName, LateAnswer } from './tally.ts'
import { sumOf } from './timeline.ts'

/** One promise and what came of it. */
export interface Check {
  readonly promise: string
  readonly seen: string
  /** `not tried`: what the promise is about could not happen in this run. */
  readonly held: boolean | 'not tried'
}

/** So long before the end the last fallback must have been needed. */
const CALM_MS = 1_000
/** A trial is decided within this time, whether it fails at once or by its timeout. */
const TRIAL_MS = 700
/** Of the planned pages, at least this share must have been asked for, or the run shows too little. */
const ENOUGH_LOAD = 0.95
const REPORT_MS = 1_500

/** All checks of a run; it is a success when each of them held. */
export function judge(evidence: Evidence): Check[] {
  return [
    loadWasOffered(evidence),
    nothingWasLost(evidence),
    answersWereInTime(evidence),
    ...evidence.faults.map((fault) => breakerOpened(fault, evidence)),
    failedTrialsOpenAgain(evidence),
    ...faultedCommands(evidence).map((command) => breakerRecovered(command, evidence)),
    othersStayedClosed(evidence),
    ...judgeRegistry(evidence),
    ...judgeBalancing(evidence),
    ...judgeDeadlines(evidence),
    ...COMMANDS.map((command) => metricsAreRight(command, evidence)),
    nothingUnhandled(evidence),
    allEndedInOrder(evidence),
  ]
}

function loadWasOffered({ planned, tally: { sent, skipped, sendLag } }: Evidence): Check {
  return {
    promise: `${String(planned)} pages are asked for, each at its time`,
    seen: `${String(sent)} sent, ${String(skipped)} left out; sent late by ${ms(sendLag.p99)} (p99), ${ms(sendLag.max)} at most`,
    held: skipped === 0 && sent > 0 && sent >= planned * ENOUGH_LOAD,
  }
}

function nothingWasLost({ tally: { sent, statuses, lost, malformed } }: Evidence): Check {
  const ended = [...Object.entries(statuses), ...Object.entries(lost)].map(
    ([how, count]) => `${String(count)} × ${how}`,
  )
  return {
    promise: 'every request is answered with 200 and a whole page',
    seen: [...ended, ...(malformed > 0 ? [`${String(malformed)} malformed`] : [])].join(', ') || 'nothing',
    held: statuses['200'] === sent && total(statuses) === sent && total(lost) === 0 && malformed === 0,
  }
}

function answersWereInTime({ tally, stalls }: Evidence): Check {
  const { late, latestByMs, lateAnswers, latency, sent } = tally
  const ofEdge = stalls.get('edge') ?? []
  const stalled = lateAnswers.filter((answer) => answer.overMs <= worstDuring(ofEdge, answer)).length
  const others = late - stalled
  const worst = others === 0 ? 'none late' : `${String(others)} late, by ${ms(latestByMs)} at worst`
  const excused = stalled === 0 ? '' : ` but ${String(stalled)} during stalls`
  const loops = `loop stalls: edge ${ms(worstOf(ofEdge))}, load ${ms(worstOf(stalls.get('load') ?? []))}`
  return {
    promise: `every answer comes within ${ms(PAGE_BUDGET_MS)} (+ ${ms(TOLERANCE_MS)} and the stalls of load and edge)`,
    seen: `p50 ${ms(latency.p50)}, p99 ${ms(latency.p99)}, slowest ${ms(latency.max)}; ${worst}${excused}; ${loops}`,
    held: others === 0 && stalled <= sent * STALLED_SHARE && latency.max > 0,
  }
}

/** A report covers the second before it, and is a while under way. */
function worstDuring(stalls: readonly Stall[], { sentAt, endedAt }: LateAnswer): number {
  return worstOf(stalls.filter(({ at }) => at >= sentAt && at <= endedAt + REPORT_MS))
}

function worstOf(stalls: readonly Stall[]): number {
  return Math.max(0, ...stalls.map(({ maxMs }) => maxMs))
}

function breakerOpened(fault: Fault, { changes }: Evidence): Check {
  const opened = changes.filter(
    ({ command, to, atMs }) => command === fault.command && to === 'open' && coversTime(fault, atMs),
  )
  const first = opened[0]
  return {
    promise: `${fault.command} opens while its upstream is ${fault.kind}`,
    seen:
      first === undefined
        ? 'stayed closed'
        : `opened ${times(opened.length)}, first after ${seconds(first.atMs - fault.from)}`,
    held: opened.length > 0,
  }
}

function failedTrialsOpenAgain({ changes, faults }: Evidence): Check {
  const trials = changes.filter(
    ({ command, to, atMs }) =>
      to === 'half-open' &&
      faults.some(
        ({ command: hit, from, to: over, healsFrom = over }) =>
          hit === command && atMs >= from && atMs + TRIAL_MS <= healsFrom,
      ),
  )
  const undecided = trials.filter(
    (trial) =>
      !changes.some(
        ({ command, to, atMs }) =>
          command === trial.command && to === 'open' && atMs >= trial.atMs && atMs <= trial.atMs + TRIAL_MS,
      ),
  )
  return {
    promise: `a trial that fails opens the breaker again, within ${seconds(TRIAL_MS)}`,
    seen: `${String(trials.length)} times half-open during a fault; ${
      undecided.length === 0
        ? 'open again each time'
        : undecided.map(({ command }) => `${command} stayed so`).join(', ')
    }`,
    held: trials.length > 0 && undecided.length === 0,
  }
}

function breakerRecovered(
  command: CommandName,
  { faults, changes, metrics, tally, endedAt }: Evidence,
): Check {
  const faultOver = Math.max(...faults.filter((fault) => fault.command === command).map(({ to }) => to))
  const state = metrics.get(command)?.state ?? 'unknown'
  const closed = changes.findLast((change) => change.command === command && change.to === 'closed')
  const { answers, lastFallbackAt } = tally.commands[command]
  const calmMs = endedAt - (lastFallbackAt ?? -Infinity)
  const closedAfter =
    closed === undefined ? 'never closed' : `closed ${seconds(closed.atMs - faultOver)} after its last fault`
  return {
    promise: `${command} recovers: closed, and its upstream answers again`,
    seen: `${state}; ${closedAfter}; last fallback ${seconds(calmMs)} before the end`,
    held: state === 'closed' && closed !== undefined && calmMs >= CALM_MS && answers.upstream > 0,
  }
}

function othersStayedClosed({ changes, faults }: Evidence): Check {
  const strange = changes.filter(
    ({ command, to, atMs }) =>
      to === 'open' && !faults.some((fault) => fault.command === command && coversTime(fault, atMs)),
  )
  return {
    promise: 'no breaker opens because of the fault of another upstream',
    seen:
      strange.length === 0
        ? 'none did'
        : strange.map(({ command, reason }) => `${command}: ${reason}`).join(', '),
    held: strange.length === 0,
  }
}

function metricsAreRight(command: CommandName, evidence: Evidence): Check {
  const numbers = evidence.metrics.get(command)
  const counts = numbers === undefined ? [] : countsToCompare(command, numbers, evidence)
  const wrong = counts.filter(({ shown, right }) => shown !== right)
  const worthSaying = wrong.length === 0 ? counts.filter(({ shown }) => shown > 0) : wrong
  return {
    promise: `/metrics counts for ${command} what the clients counted`,
    seen: worthSaying.map(countText).join(', ') || 'nothing',
    held: counts.length > 0 && wrong.length === 0 && evidence.tally.sent > 0,
  }
}

interface Count {
  readonly what: string
  readonly shown: number
  readonly right: number
}

// Every page is one execution of each command, so each number here has only one right value.
function countsToCompare(
  command: CommandName,
  numbers: CommandNumbers,
  { tally, changes }: Evidence,
): Count[] {
  const { answers, timeline } = tally.commands[command]
  const { upstream, failure, timeout, rejected } = answers
  const outcome = (name: string): number => numbers.executions[name] ?? 0
  const served = numbers.fallbacks['success'] ?? 0
  const opened = changes.filter((change) => change.command === command && change.to === 'open').length
  return [
    { what: 'executions', shown: total(numbers.executions), right: tally.sent },
    { what: 'success', shown: outcome('success'), right: upstream },
    { what: 'by a retry', shown: numbers.retries['success'] ?? 0, right: sumOf(timeline).retried },
    { what: 'failure', shown: outcome('failure'), right: failure },
    { what: 'timeout', shown: outcome('timeout'), right: timeout },
    { what: 'rejected', shown: outcome('short_circuited') + outcome('semaphore_rejected'), right: rejected },
    { what: 'cancelled', shown: outcome('cancelled'), right: 0 },
    { what: 'fallbacks', shown: served, right: failure + timeout + rejected },
    { what: 'other fallbacks', shown: total(numbers.fallbacks) - served, right: 0 },
    { what: 'thrown', shown: numbers.exceptionsThrown, right: 0 },
    { what: 'openings', shown: openings(numbers), right: opened },
  ]
}

function nothingUnhandled({ incidents }: Evidence): Check {
  return {
    promise: 'no unhandled rejection, exception, warning or error output in any process',
    seen: incidents.length === 0 ? 'none' : incidents.join('; '),
    held: incidents.length === 0,
  }
}

function allEndedInOrder({ exits }: Evidence): Check {
  const strange = exits.filter(({ inOrder }) => !inOrder)
  const ways = [...new Set(exits.map(({ how }) => how))]
  const counts = ways.map((way) => `${String(exits.filter(({ how }) => how === way).length)} × ${way}`)
  return {
    promise: 'every process ends when it is asked to, and not before',
    seen:
      [...counts, ...strange.map(({ name, how }) => `${name} not in order: ${how}`)].join(', ') || 'nothing',
    held: exits.length > 0 && strange.length === 0,
  }
}

function faultedCommands({ faults }: Evidence): CommandName[] {
  return COMMANDS.filter((command) => faults.some((fault) => fault.command === command))
}

/** Whether a fault can be the reason of what happened at a time. */
function coversTime({ from, to }: Fault, at: number): boolean {
  return at >= from && at <= to + AFTERMATH_MS
}

function countText({ what, shown, right }: Count): string {
  return shown === right ? `${what} ${String(shown)}` : `${what} ${String(shown)} ≠ ${String(right)}`
}
