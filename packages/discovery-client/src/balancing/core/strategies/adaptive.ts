/**
 * The default: of two hosts the one with less expected latency × (calls in flight + 1). What is expected is in `latency.ts`: a host
 * that has recovered gets its share again, and a slow one no burst. Failures count as slow answers; a silent host gets
 * worse by the millisecond. Two hosts drawn by chance may both be bad, where many are: then more are drawn, a few at most.
 */
import { areEqual, weightsOf } from '../draw.js'
import type { Host } from '../host.js'
import type { Question } from '../question.js'
import { TwoChoicesPicker } from './two-choices.js'

/** The median is this old at most. */
const MEDIAN_MS = 100
/** Of larger fleets so many hosts stand for all. */
const MEDIAN_HOSTS = 101
/** What is expected while nobody has answered yet. Any number will do: all have the same. */
const UNKNOWN_MS = 1
/** Who is expected to take this many times as long as the median is not taken without a look at others. */
const BAD = 4
/**
 * Expected latencies that differ by less say nothing: by them one of two alike would get every call until it happens to look slower
 * than the other.
 */
const ALIKE = 1.25
/** After this time with others it is no new process any more. */
const NEW_MS = 10_000
/** So many times two more are drawn. */
const MORE_DRAWS = 3

export class AdaptivePicker extends TwoChoicesPicker {
  private readonly recent: Float64Array
  private medianMs = UNKNOWN_MS
  private medianLog: number = Math.log(UNKNOWN_MS)
  private isMedianKnown = false
  private medianAt = -Infinity
  private offset = 0
  private meanLoad = 0
  private readonly isEven: boolean

  constructor(hosts: readonly Host[]) {
    super(hosts)
    this.isEven = areEqual(weightsOf(hosts))
    this.recent = new Float64Array(Math.min(hosts.length, MEDIAN_HOSTS))
    this.renewMedian(-Infinity)
  }

  override score(host: Host, now: number): number {
    return host.expectedMs(now, this.medianLog) * (this.loadOf(host) + 1 + host.latency.earlyEnds(now))
  }

  protected override beats(second: Host, secondScore: number, first: Host, firstScore: number): boolean {
    const load = this.loadOf(second) + 1
    const firstLoad = this.loadOf(first) + 1
    const ratio = (secondScore * firstLoad) / (firstScore * load)
    if (ratio * ALIKE <= 1 || ratio >= ALIKE) return secondScore < firstScore
    if (load !== firstLoad) return load < firstLoad
    // In turn is more even than by chance. Not where weights differ: the light one would win, since it waits longer.
    return this.isEven && second.startedAt < first.startedAt
  }

  override pick(question: Question): Host | undefined {
    if (question.now - this.medianAt >= MEDIAN_MS) this.renewMedian(question.now)
    let best = super.pick(question)
    if (best === undefined) return undefined
    if (!question.excludesById && this.hosts.length > 2) {
      for (let more = 0; more < MORE_DRAWS && this.isBad(best, question); more++)
        best = this.orBetter(best, question)
    }
    this.tell(best, question.now)
    return best
  }

  /** What the estimate of the chosen one has to know of the fleet when the call ends. */
  private tell({ latency, upSince }: Host, now: number): void {
    if (this.isMedianKnown) latency.fleetLog = this.medianLog
    latency.fleetLoad = this.meanLoad
    latency.isNew = now - upSince < NEW_MS
  }

  private isBad(host: Host, question: Question): boolean {
    return question.chosenScore > BAD * this.medianMs * (this.loadOf(host) + 1)
  }

  private orBetter(best: Host, question: Question): Host {
    const score = question.chosenScore
    const other = super.pick(question) as Host
    if (other !== best && question.chosenScore < score) {
      question.compared(question.chosenScore, best, score)
      return other
    }
    question.compared(
      score,
      other === best ? question.rival : other,
      other === best ? question.rivalScore : question.chosenScore,
    )
    return best
  }

  private renewMedian(now: number): void {
    const { hosts, recent } = this
    this.medianAt = now
    let measured = 0
    let inFlight = 0
    for (let index = 0; index < recent.length; index++) {
      const host = hosts[(this.offset + index) % hosts.length] as Host
      inFlight += host.inFlight
      const answerLog = host.latency.answerLog
      if (answerLog !== undefined) recent[measured++] = answerLog
    }
    this.meanLoad = inFlight / recent.length
    this.offset = (this.offset + recent.length) % hosts.length
    if (measured === 0) return
    this.medianLog = recent.subarray(0, measured).sort()[(measured - 1) >> 1] as number
    this.medianMs = Math.exp(this.medianLog)
    this.isMedianKnown = true
  }
}
