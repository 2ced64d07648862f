// What was promised about choosing among instances, beside what was seen. Pure, as the rest of the summary.

import type { Evidence, Trouble } from './evidence.ts'
import { sharesBetween } from './instance-numbers.ts'
import type { CallsByInstance, Share } from './instance-numbers.ts'
import { BLINDING_STALL_MS, LOSS_SHARE, NOTICE_MS, SHARE_LIMIT } from './promises.ts'
import { LOST_ZONE } from './script.ts'
import type { TroubleKind } from './script.ts'
import type { Check } from './summary.ts'
import { COMMANDS } from './tally.ts'
import type { CommandName } from './tally.ts'
import { sumOf, within } from './timeline.ts'
import { ms, percent, seconds } from './words.ts'

const WHAT: Readonly<Record<TroubleKind, (who: string) => string>> = {
  'slow-instance': (who) => `${who} is slow`,
  'failing-instance': (who) => `${who} answers with errors at once`,
  'lost-zone': () => `nobody in zone ${LOST_ZONE} answers`,
}
const KINDS = ['slow-instance', 'lost-zone', 'failing-instance'] as const

export function judgeBalancing(evidence: Evidence): Check[] {
  return [
    ...KINDS.flatMap((kind) => troubleWasAvoided(kind, evidence)),
    ...COMMANDS.map((command) => balancerCounts(command, evidence)),
  ]
}

function troubleWasAvoided(kind: TroubleKind, evidence: Evidence): Check[] {
  const trouble = evidence.troubles.find((each) => each.kind === kind)
  const subject = WHAT[kind](Object.values(trouble?.instances ?? {})[0] ?? 'one instance')
  const promises = [
    `${subject}: ${seconds(NOTICE_MS)} later at most ${percent(SHARE_LIMIT)} of the calls go there`,
    `meanwhile no more than ${percent(LOSS_SHARE)} of the calls fail`,
  ] as const
  if (trouble === undefined)
    return promises.map((promise) => ({ promise, seen: 'it was not played', held: false }))
  const [lead, from, noticed, to] = trouble.calls
  const before = sharesOf(trouble, evidence, lead, from)
  const during = sharesOf(trouble, evidence, noticed, to)
  const seen = during.map((share) => sharesText(before, share)).join(', ') || 'nothing'
  const held = during.length > 0 && during.every(({ share }) => share !== undefined && share <= SHARE_LIMIT)
  const stallMs = held || kind !== 'slow-instance' ? 0 : worstStall(trouble, evidence)
  return [
    stallMs >= BLINDING_STALL_MS
      ? {
          promise: promises[0],
          seen: `${seen}; the edge itself stalled for ${ms(stallMs)}`,
          held: 'not tried',
        }
      : { promise: promises[0], seen, held },
    lossesDuring(trouble, promises[1], evidence),
  ]
}

/** A report covers the second before it, and is a while under way. */
function worstStall({ from, to }: Trouble, { stalls }: Evidence): number {
  const reports = (stalls.get('edge') ?? []).filter(({ at }) => at >= from && at <= to + 1_500)
  return Math.max(0, ...reports.map(({ maxMs }) => maxMs))
}

/** The shares that those in trouble had among the instances of their upstreams. */
function sharesOf(
  { instances }: Trouble,
  { registry }: Evidence,
  before: CallsByInstance,
  after: CallsByInstance,
): readonly Share[] {
  return COMMANDS.flatMap((command) =>
    sharesBetween(before, after, registry.instances[command]).filter(({ id }) => id === instances[command]),
  )
}

function sharesText(before: readonly Share[], { id, share, calls }: Share): string {
  const once = before.find((each) => each.id === id)?.share
  return `${id} from ${shareText(once)} to ${shareText(share)} (${String(calls)} calls)`
}

/**
 * Timeouts are told but not judged, as with the registry: a silent instance takes the time of an attempt, and a machine with too much to
 * do the rest.
 */
function lossesDuring({ instances, from, to }: Trouble, promise: string, { tally }: Evidence): Check {
  const hit = COMMANDS.filter((command) => instances[command] !== undefined)
  const { answers, retried } = sumOf(
    hit.flatMap((command) => within(tally.commands[command].timeline, from, to)),
  )
  const failed = answers.failure + answers.rejected
  const calls = answers.upstream + answers.timeout + failed
  return {
    promise,
    seen: `${String(failed)} of ${String(calls)} failed, ${String(answers.timeout)} timed out, ${String(retried)} answered by a second attempt`,
    held: answers.upstream > 0 && failed <= calls * LOSS_SHARE,
  }
}

/**
 * Each answer of an upstream was a good call of its balancer. The other way round a few may be missing: an answer can come when the page
 * has just given up.
 */
function balancerCounts(command: CommandName, { balanced, tally }: Evidence): Check {
  const { successes = 0, calls = 0 } = balanced.get(command) ?? {}
  const { upstream, timeout } = tally.commands[command].answers
  return {
    promise: `/metrics counts the calls of the balancer of ${command}`,
    seen: `${String(successes)} of ${String(calls)} went well, ${String(upstream)} were used`,
    held: upstream > 0 && successes >= upstream && successes <= upstream + timeout && successes <= calls,
  }
}

function shareText(share: number | undefined): string {
  return share === undefined ? 'nothing' : `${(share * 100).toFixed(0)} %`
}
