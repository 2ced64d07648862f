/**
 * Ribbon's `WeightedResponseTimeRule`, for those who need the same: weight = the sum of all mean response times less the host's own,
 * renewed every 30 s. Two traps are part of it. The mean is that of the whole life of the process, so it hardly moves; and a host that is ten
 * times slower than 19 others keeps 68 % of a fair share. Use `adaptive` instead.
 */
import { drawAny } from '../draw.js'
import type { Host } from '../host.js'
import type { Question } from '../question.js'
import type { Picker } from '../strategy.js'

/** `ServerWeightTaskTimerInterval`. */
const RENEW_MS = 30_000

export class WeightedResponseTimePicker implements Picker<Host> {
  private readonly hosts: readonly Host[]
  /** Running sums of the weights. */
  private readonly sums: Float64Array
  private renewedAt = -Infinity

  constructor(hosts: readonly Host[]) {
    this.hosts = hosts
    this.sums = new Float64Array(hosts.length)
  }

  score(host: Host): number {
    return host.lifetimeMeanMs
  }

  pick(question: Question): Host | undefined {
    if (question.now - this.renewedAt >= RENEW_MS) this.renew(question.now)
    const total = this.sums[this.sums.length - 1] as number
    // Nobody has answered yet, or there is one host only. Ribbon turns to round robin then.
    if (total === 0) return drawAny(this.hosts, question)
    const host = this.hosts[this.indexOf(question.random.next() * total)] as Host
    return question.isExcluded(host) ? drawAny(this.hosts, question) : host
  }

  private renew(now: number): void {
    this.renewedAt = now
    const all = this.hosts.reduce((sum, host) => sum + host.lifetimeMeanMs, 0)
    let sum = 0
    this.hosts.forEach((host, index) => {
      sum += Math.max(0, all - host.lifetimeMeanMs)
      this.sums[index] = sum
    })
  }

  /** The first host whose running sum is above the number. O(log n). */
  private indexOf(number: number): number {
    let low = 0
    let high = this.sums.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.sums[middle] as number) > number) high = middle
      else low = middle + 1
    }
    return low
  }
}
