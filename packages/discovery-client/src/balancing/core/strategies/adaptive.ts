/**
 * The default: of two hosts the one with less expected latency × (calls in flight + 1). What is expected is in `latency.ts`: a host
 * that has recovered gets its share again, and a slow one no burst. Failures count as slow answers; a silent host gets
 * worse by the millisecond. Of two hosts drawn by chance one may be bad, or both, where many are: then more are drawn, a few at most, until
 * there are two to choose from. Of two that are alike the one is taken that has waited longer, or a third one that has waited longer still.
 */
import { areEqual, weightsOf } from '../draw.js'
import type { Host } from '../host.js'
import { LEAST_LATENCY_MS } from '../latency.js'
import type { FleetLook, Moment } from '../latency.js'
import type { Question } from '../question.js'
import { TwoChoicesPicker } from './two-choices.js'
import type { Weighing } from './two-choices.js'

/** The median is this old at most. */
const LOOK_MS = 100
/** Of larger fleets so many hosts stand for all. */
const MEDIAN_HOSTS = 101
/** What is expected while nobody has answered yet. Any number will do: all have the same. */
const UNKNOWN_MS = 1
/** Who is expected to take this many times as long as the median is no choice. */
const BAD = 3
/**
 * Expected latencies that differ by less say nothing: by them one of two alike would get every call until it happens to look slower
 * than the other.
 */
const ALIKE = 1.25
/** So many more are drawn at most. */
const MORE_DRAWS = 6
/** A third is drawn of so many hosts at most: it makes a choice half as dear again, and a choice among many has to be cheap. */
const FEW_HOSTS = 100

export class AdaptivePicker extends TwoChoicesPicker {
  private readonly recent: Float64Array
  private look: FleetLook = { log: Math.log(UNKNOWN_MS), load: 0 }
  private lookedAt = -Infinity
  private isKnown = false
  /** Who is expected to take longer is bad. */
  private badMs = Infinity
  private offset = 0
  private readonly isEven: boolean
  private readonly drawsThird: boolean

  constructor(hosts: readonly Host[]) {
    super(hosts)
    this.isEven = areEqual(weightsOf(hosts))
    this.drawsThird = this.isEven && hosts.length <= FEW_HOSTS
    this.recent = new Float64Array(Math.min(hosts.length, MEDIAN_HOSTS))
  }

  override score(host: Host, now: number): number {
    this.lookAround({ now })
    return super.score(host, now)
  }

  protected override weigh(host: Host, weighing: Weighing): void {
    const { latency } = host
    if (latency.workedOutFor !== this.look) latency.workOut(this.look, weighing)
    let expectedMs = Math.max(LEAST_LATENCY_MS, latency.workedOutMs)
    let load = this.loadOf(host) + 1
    if (host.inFlight > 0) expectedMs = Math.max(expectedMs, host.stalledMs(weighing.now))
    if (latency.early > 0) load += latency.earlyEnds(weighing.now)
    weighing.chosenScore = expectedMs * load
  }

  protected override beats(second: Host, first: Host, { rivalScore, chosenScore }: Question): boolean {
    const load = this.loadOf(second) + 1
    const firstLoad = this.loadOf(first) + 1
    const secondMs = rivalScore * firstLoad
    const firstMs = chosenScore * load
    if (secondMs * ALIKE <= firstMs || secondMs >= firstMs * ALIKE) return rivalScore < chosenScore
    if (load !== firstLoad) return load < firstLoad
    // In turn is more even than by chance. Not where weights differ: the light one would win, since it waits longer.
    return this.isEven && second.startedAt < first.startedAt
  }

  override pick(question: Question): Host | undefined {
    this.lookAround(question)
    let best = super.pick(question)
    if (best === undefined) return undefined
    if (!question.excludesById && this.hosts.length > 2) {
      for (let more = 0; more < MORE_DRAWS && this.isRivalBad(question); more++)
        best = this.orAnother(best, question)
      if (this.drawsThird && this.isTied(best, question)) best = this.orAnother(best, question)
    }
    // Its estimate measures by it how the call ends.
    if (this.isKnown) best.latency.fleet = this.look
    return best
  }

  /** Then there was no choice between two, and maybe none at all. */
  private isRivalBad({ rival, rivalScore }: Question): boolean {
    return rival !== undefined && rivalScore > this.badMs * (this.loadOf(rival) + 1)
  }

  /** Then only turns tell the two apart, and one more may have waited longer. */
  private isTied({ inFlight }: Host, { rival, chosenScore, rivalScore }: Question): boolean {
    return rival?.inFlight === inFlight && rivalScore < chosenScore * ALIKE
  }

  /** Unless it has been done not long ago. */
  private lookAround({ now }: Moment): void {
    if (now - this.lookedAt < LOOK_MS) return
    const { hosts, recent } = this
    this.lookedAt = now
    let measured = 0
    let inFlight = 0
    for (let index = 0; index < recent.length; index++) {
      const host = hosts[(this.offset + index) % hosts.length] as Host
      inFlight += host.inFlight
      const answerLog = host.latency.answerLog
      if (answerLog !== undefined) recent[measured++] = answerLog
    }
    this.offset = (this.offset + recent.length) % hosts.length
    this.isKnown ||= measured > 0
    const log =
      measured === 0 ? this.look.log : (recent.subarray(0, measured).sort()[(measured - 1) >> 1] as number)
    this.look = { log, load: inFlight / recent.length }
    this.badMs = BAD * Math.exp(log)
  }
}
