/** A picker over one list, asked so that no strategy can do harm. */
import { reportInternalError } from '@breakwater/kernel'
import { builtInPicker } from './core/built-in.js'
import type { BuiltInPicker, StrategyName } from './core/built-in.js'
import { drawAny } from './core/draw.js'
import type { Host } from './core/host.js'
import type { Question } from './core/question.js'
import type { Picker, Strategy } from './core/strategy.js'

export class Selection {
  readonly hosts: readonly Host[]
  /** Whether chance stood in for the strategy at the last pick. */
  fellBack = false
  private readonly name: string
  private readonly ownPicker: BuiltInPicker | undefined
  private readonly foreignPicker: Picker | undefined
  private readonly members: ReadonlySet<unknown>

  /** `hosts` are not empty. */
  constructor(strategy: StrategyName | Strategy, hosts: readonly Host[], previous: Selection | undefined) {
    this.hosts = hosts
    if (typeof strategy === 'string') {
      this.name = strategy
      this.ownPicker = builtInPicker(strategy, hosts, previous?.ownPicker)
      this.foreignPicker = undefined
      this.members = new Set()
      return
    }
    this.name = strategy.name
    this.ownPicker = undefined
    this.members = new Set(hosts)
    const before = previous?.foreignPicker
    this.foreignPicker = this.fenced(() =>
      before === undefined ? strategy.picker(hosts) : strategy.picker(hosts, before),
    )
  }

  /** One of the hosts, or `undefined` when the strategy wants none of them. */
  pick(question: Question): Host | undefined {
    this.fellBack = false
    if (this.ownPicker !== undefined) return this.ownPicker.pick(question)
    const answer = this.fenced(() => ({ host: this.askForeign(question) }))
    if (answer !== undefined) return answer.host
    this.fellBack = true
    return drawAny(this.hosts, question)
  }

  score(host: Host, now: number): number | undefined {
    const score = this.fenced<unknown>(
      () => this.ownPicker?.score?.(host, now) ?? this.foreignPicker?.score?.(host, now),
    )
    return typeof score === 'number' && Number.isFinite(score) ? score : undefined
  }

  private askForeign(question: Question): Host | undefined {
    if (this.foreignPicker === undefined) throw new TypeError(`strategy ${this.name}: no picker was made`)
    const chosen: unknown = this.foreignPicker.pick(question)
    if (chosen !== undefined && !this.members.has(chosen)) {
      throw new TypeError(`strategy ${this.name}: what was chosen is no candidate`)
    }
    // The members are hosts.
    const host = chosen as Host | undefined
    // Whoever does not look at exclusions must not overload it.
    if (host?.isFull === true) throw new TypeError(`strategy ${this.name}: what was chosen is full`)
    return host
  }

  private fenced<T>(ask: () => T): T | undefined {
    try {
      return ask()
    } catch (error) {
      reportInternalError(error, `balancing strategy ${this.name}`)
      return undefined
    }
  }
}
