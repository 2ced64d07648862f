/**
 * The default: of two hosts the one with less expected latency × (calls in flight + 1). The expectation is a time-weighted
 * mean that goes back to the median of the fleet while nothing renews it, so a host that has recovered gets its share
 * again, and a slow one no burst. Failures count as slow answers; a silent host gets worse by the millisecond.
 */
import type { Host } from '../host.js'
import type { Question } from '../question.js'
import { TwoChoicesPicker } from './two-choices.js'

/** The median is this old at most. */
const MEDIAN_MS = 100
/** Of larger fleets so many hosts stand for all. */
const MEDIAN_HOSTS = 101
/** What is expected while nobody has answered yet. Any number will do: all have the same. */
const UNKNOWN_MS = 1

export class AdaptivePicker extends TwoChoicesPicker {
  private readonly means: Float64Array
  private medianMs = UNKNOWN_MS
  private medianAt = -Infinity
  private offset = 0

  constructor(hosts: readonly Host[]) {
    super(hosts)
    this.means = new Float64Array(Math.min(hosts.length, MEDIAN_HOSTS))
    this.renewMedian(-Infinity)
  }

  override score(host: Host, now: number): number {
    return host.latencyAt(now, this.medianMs) * (this.loadOf(host) + 1)
  }

  override pick(question: Question): Host | undefined {
    if (question.now - this.medianAt >= MEDIAN_MS) this.renewMedian(question.now)
    return super.pick(question)
  }

  private renewMedian(now: number): void {
    const { hosts, means } = this
    this.medianAt = now
    let measured = 0
    for (let index = 0; index < means.length; index++) {
      const host = hosts[(this.offset + index) % hosts.length] as Host
      if (host.isMeasured) means[measured++] = host.lastMeanMs
    }
    this.offset = (this.offset + means.length) % hosts.length
    if (measured > 0) this.medianMs = means.subarray(0, measured).sort()[(measured - 1) >> 1] as number
  }
}
