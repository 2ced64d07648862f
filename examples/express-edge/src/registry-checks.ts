// What was promised about finding the upstreams, beside what was seen. Pure, as the rest of the summary.

import type { Evidence, RegistryEvent } from './evidence.ts'
import { allUpSince, saidSince, upCount } from './pictures.ts'
import { LOSS_SHARE, NEWS_MS, RETURN_MS } from './promises.ts'
import { LOST, WITHDRAWN } from './script.ts'
import type { EventKind } from './script.ts'
import type { Check } from './summary.ts'
import { COMMANDS } from './tally.ts'
import type { CommandName } from './tally.ts'
import { firstBy, lastBy, SLOT_MS, sumOf, within } from './timeline.ts'
import type { Timeline } from './timeline.ts'
import { percent, seconds } from './words.ts'

export function judgeRegistry(evidence: Evidence): Check[] {
  return [
    everybodyWasCalled(evidence),
    ...registryRestarted(evidence),
    ...instanceWithdrew(evidence),
    ...instanceWasLost(evidence),
    allAreBack(evidence),
    nobodyIsLeftBehind(evidence),
  ]
}

function everybodyWasCalled(evidence: Evidence): Check {
  const ids = allIds(evidence)
  const answered = ids.filter((id) =>
    COMMANDS.some((command) => firstBy(timelineOf(command, evidence), id) !== undefined),
  )
  return {
    promise: `${String(ids.length)} instances register themselves; the edge finds and calls each`,
    seen: `${String(answered.length)} answered`,
    held: ids.length > 0 && answered.length === ids.length,
  }
}

function registryRestarted(evidence: Evidence): Check[] {
  const { isOurs, emptyAt, pictures } = evidence.registry
  const promises = [
    `while the registry is away and empty, no more than ${percent(LOSS_SHARE)} of the calls fail`,
    `everybody is back in it by itself, within ${seconds(RETURN_MS)}`,
  ] as const
  if (!isOurs) return promises.map((promise) => notTried(promise, 'the registry is not ours'))
  const event = eventOf('registry-restart', evidence)
  if (event === undefined || emptyAt === undefined) return promises.map(didNotHappen)
  const losses = lossesOf(COMMANDS, event.from, event.to, evidence)
  const ids = allIds(evidence)
  const backAt = allUpSince(pictures, ids, emptyAt)
  return [
    {
      promise: promises[0],
      seen: `away for ${seconds(emptyAt - event.from)}; ${losses.text}`,
      held: losses.few,
    },
    {
      promise: promises[1],
      seen:
        backAt === undefined
          ? 'not all came back'
          : `all ${String(ids.length)} after ${seconds(backAt - emptyAt)}`,
      held: backAt !== undefined && backAt - emptyAt <= RETURN_MS,
    },
  ]
}

function instanceWithdrew(evidence: Evidence): Check[] {
  const id = secondOf(WITHDRAWN, evidence)
  const promises = [
    `${id} is OUT_OF_SERVICE: no call goes to it ${seconds(NEWS_MS)} after the registry says so`,
    `${id} is UP again: it gets calls within ${seconds(RETURN_MS)} of the registry saying so`,
  ] as const
  const event = eventOf('out-of-service', evidence)
  if (event === undefined) return promises.map(didNotHappen)
  const { pictures } = evidence.registry
  const saidAt = saidSince(pictures, { id, status: 'OUT_OF_SERVICE', since: event.from })
  if (saidAt === undefined || saidAt + NEWS_MS >= event.to - SLOT_MS) {
    return promises.map((promise) => notSaid(promise, evidence))
  }
  const timeline = timelineOf(WITHDRAWN, evidence)
  // The slot in which it came back is of both times.
  const after = within(timeline, saidAt + NEWS_MS, event.to - SLOT_MS)
  const total = sumOf(after)
  const strayed = total.by[id] ?? 0
  const last = lastBy(within(timeline, event.from, event.to - SLOT_MS), id)
  const upAt = saidSince(pictures, { id, status: 'UP', since: event.to })
  const calledAt = upAt === undefined ? undefined : firstBy(within(timeline, upAt, Infinity), id)
  return [
    {
      promise: promises[0],
      seen: `${lastText(last, saidAt)}; then ${String(strayed)} to it, ${String(total.answers.upstream - strayed)} to others`,
      held: strayed === 0 && total.answers.upstream > 0,
    },
    {
      promise: promises[1],
      seen:
        upAt === undefined || calledAt === undefined
          ? 'no call any more'
          : `called again after ${seconds(Math.max(0, calledAt - upAt))}`,
      held: upAt !== undefined && calledAt !== undefined && calledAt - upAt <= RETURN_MS,
    },
  ]
}

function instanceWasLost(evidence: Evidence): Check[] {
  const id = secondOf(LOST, evidence)
  const promises = [
    `${id} dies: others answer for it, no more than ${percent(LOSS_SHARE)} of the calls fail`,
    `${id} is evicted: no call goes to it ${seconds(NEWS_MS)} later`,
  ] as const
  const event = eventOf('lost', evidence)
  if (event === undefined) return promises.map(didNotHappen)
  const { pictures, knocks, metDead } = evidence.registry
  const goneAt = saidSince(pictures, { id, status: 'gone', since: event.from })
  const isSeen = goneAt !== undefined && goneAt + NEWS_MS < event.to
  const losses = lossesOf([LOST], event.from, event.to, evidence)
  const covered: Check = {
    promise: promises[0],
    seen: `${String(metDead)} times it was asked and not there; ${losses.text}`,
    held: losses.few && metDead > 0,
  }
  if (!isSeen) return [covered, notSaid(promises[1], evidence)]
  const strayed = knocks.filter((at) => at > goneAt + NEWS_MS)
  const lastKnock = knocks.findLast((at) => at <= goneAt + NEWS_MS)
  return [
    covered,
    {
      promise: promises[1],
      seen: `evicted after ${seconds(goneAt - event.from)}; ${lastText(lastKnock, goneAt)}; then ${String(strayed.length)} in ${seconds(event.to - goneAt - NEWS_MS)}`,
      held: strayed.length === 0,
    },
  ]
}

function allAreBack(evidence: Evidence): Check {
  const ids = allIds(evidence)
  const up = upCount(evidence.registry.pictures.at(-1)?.statuses, ids)
  return {
    promise: 'after all that, every instance is in the registry and UP',
    seen: `${String(up)} of ${String(ids.length)}`,
    held: ids.length > 0 && up === ids.length,
  }
}

function nobodyIsLeftBehind({ registry: { leftBehind } }: Evidence): Check {
  return {
    promise: 'who ends takes its registration back',
    seen:
      leftBehind.length === 0 ? 'nobody is left in the registry' : `still there: ${leftBehind.join(', ')}`,
    held: leftBehind.length === 0,
  }
}

interface Losses {
  readonly text: string
  /** Whether there were calls, and few enough of them failed. */
  readonly few: boolean
}

/**
 * Calls of a time that failed. Timeouts are told but not judged: who is not there refuses at once, and who takes too
 * long is a machine with too much to do.
 */
function lossesOf(commands: readonly CommandName[], from: number, to: number, evidence: Evidence): Losses {
  const { answers } = sumOf(commands.flatMap((command) => within(timelineOf(command, evidence), from, to)))
  const failed = answers.failure + answers.rejected
  const calls = answers.upstream + answers.timeout + failed
  return {
    text: `${String(failed)} of ${String(calls)} calls failed, ${String(answers.timeout)} timed out`,
    few: answers.upstream > 0 && failed <= calls * LOSS_SHARE,
  }
}

function eventOf(kind: EventKind, { registry }: Evidence): RegistryEvent | undefined {
  return registry.events.find((event) => event.kind === kind)
}

function allIds({ registry }: Evidence): readonly string[] {
  return COMMANDS.flatMap((command) => registry.instances[command])
}

function secondOf(command: CommandName, { registry }: Evidence): string {
  return registry.instances[command][1] ?? 'nobody'
}

function timelineOf(command: CommandName, { tally }: Evidence): Timeline {
  return tally.commands[command].timeline
}

function didNotHappen(promise: string): Check {
  return { promise, seen: 'it was not played', held: false }
}

function notTried(promise: string, why: string): Check {
  return { promise, seen: `not tried: ${why}`, held: 'not tried' }
}

/** Our own registry tells in time. A server with long caches, or one that evicts nobody, leaves nothing to see. */
function notSaid(promise: string, { registry: { isOurs } }: Evidence): Check {
  const what = 'the registry did not say so in time'
  return isOurs ? { promise, seen: what, held: false } : notTried(promise, what)
}

function lastText(last: number | undefined, saidAt: number): string {
  if (last === undefined || last <= saidAt) return 'no call after that'
  return `last call ${seconds(last - saidAt)} after that`
}
