/**
 * Every order of an answer or failure, a caller's abort and the passing of time (in turns of the loop or in a stall)
 * for one call under a timeout, with up to four microtasks between, beside another call that never ends. Whatever the
 * order, only that comes out which the contract allows.
 */
import { CallTimeoutError, pipeline } from '@breakwater/kernel'
import type { CallOptions, Outcome, Policy } from '@breakwater/kernel'
import { microtaskSteps, SimClock } from '@breakwater/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { merges, pairs } from '../interleavings.model.js'
import { Retry } from '../retry/retry.js'
import { allowedBy, gapsFor, isTurn, judgedAt, msOf, TIMEOUT_MS } from './timeout-contract.model.js'
import type { Step } from './timeout-contract.model.js'
import { Timeout } from './timeout.js'

const SLOW_MS = 60_000
const GONE = new Error('the caller is gone')
const BROKEN = new Error('broken')
const never = (): Promise<never> => new Promise(() => undefined)

/** How the call is made; each is another way through the runner. */
interface Manner {
  /** Whether the time is that of a whole call, around its attempts. */
  readonly isWhole: boolean
  readonly isOutcome: boolean
  /** Whether the work reads its signal at once, or only when all is over. */
  readonly listens: boolean
}

class Race {
  readonly faults: string[] = []
  private readonly clock = new SimClock()
  private readonly timeout = new Timeout({ timeoutMs: TIMEOUT_MS, clock: this.clock })
  private readonly policy: Policy
  private readonly caller = new AbortController()
  private readonly ends: string[] = []
  private readonly reasons: unknown[] = []
  private bystanderEndedAt = -1
  private error: unknown = undefined
  private answer: (value: string) => void = () => undefined
  private fail: (error: Error) => void = () => undefined
  private signal: () => AbortSignal = () => this.caller.signal

  constructor(
    private readonly manner: Manner,
    isAbortable: boolean,
  ) {
    const retry = new Retry({ maxRetries: 0, clock: this.clock })
    this.policy = manner.isWhole ? pipeline(this.timeout, retry) : this.timeout
    const options = isAbortable ? { signal: this.caller.signal } : undefined
    void this.call(options).then((outcome) => {
      const { kind } = outcome
      this.ends.push(kind === 'timeout' ? `timeout at ${this.clock.now()}` : kind)
      if (outcome.kind !== 'success') this.error = outcome.error
    })
    void this.policy.outcome(never).then(() => (this.bystanderEndedAt = this.clock.now()))
  }

  async play(order: readonly Step[], gapOf: (index: number) => number): Promise<string> {
    for (const [index, step] of order.entries()) {
      const gap = gapOf(index)
      // 0: in the same breath.
      if (gap > 0) await microtaskSteps(gap - 1)
      const turned = this.apply(step)
      if (turned !== undefined) await turned
      this.countTimers()
    }
    await this.clock.advance(10_000)
    this.check(order)
    return this.ends.join()
  }

  private call(options: CallOptions | undefined): Promise<Outcome<string>> {
    const work = (call: { readonly signal: AbortSignal }): Promise<string> => {
      this.signal = () => call.signal
      if (this.manner.listens)
        call.signal.addEventListener('abort', () => this.reasons.push(call.signal.reason))
      return new Promise((resolve, reject) => {
        this.answer = resolve
        this.fail = reject
      })
    }
    if (this.manner.isOutcome) return this.policy.outcome(work, options)
    return this.policy.execute(work, options).then(
      (value) => ({ kind: 'success', value }),
      (error: unknown) => ({ kind: kindOf(error), error }),
    )
  }

  /** Waits for nothing but turns of the loop: two steps in a row are in the same breath. */
  private apply(step: Step): Promise<void> | undefined {
    const { clock } = this
    if (step === 'turn') return clock.flush()
    if (step.startsWith('pass')) return clock.advance(msOf(step))
    if (step.startsWith('stall')) clock.stall(msOf(step))
    else if (step === 'aborts') this.caller.abort(GONE)
    else {
      const settle = step.startsWith('answers') ? () => this.answer('up') : () => this.fail(BROKEN)
      if (step.endsWith('socket')) clock.io(clock.now(), settle)
      else settle()
    }
    return undefined
  }

  private countTimers(): void {
    const { timers, background } = this.clock.pending
    if (timers > 0 || background > 1) this.faults.push(`T7: ${timers} and ${background} timers for two calls`)
  }

  private check(order: readonly Step[]): void {
    const { ends, faults, timeout, reasons } = this
    const [end = 'nothing'] = ends
    if (ends.length !== 1) faults.push(`T4: ends ${ends.length} times`)
    const isTimeout = end.startsWith('timeout')
    if (timeout.expirations !== (isTimeout ? 2 : 1)) faults.push(`T5: counts ${timeout.expirations} timeouts`)
    if (isTimeout !== this.error instanceof CallTimeoutError) faults.push('T5: the error is of another end')
    if (end === 'cancelled' && this.error !== GONE) faults.push('T5: another reason than the caller’s')
    const isEarly = isTimeout || end === 'cancelled'
    const signal = this.signal()
    if (signal.aborted !== isEarly) faults.push(`T3: aborted: ${signal.aborted} after ${end}`)
    if (isEarly && signal.reason !== this.error) faults.push('T3: another reason than the error')
    if (reasons.length !== Number(isEarly && this.manner.listens))
      faults.push(`T3: aborts ${reasons.length} times`)
    const due = toldAt(order)
    if (this.bystanderEndedAt !== due)
      faults.push(`T1: the other ends at ${this.bystanderEndedAt}, not ${due}`)
    const { pending } = this.clock
    if (Object.values(pending).some((left) => left > 0)) faults.push(`T7: leaves ${JSON.stringify(pending)}`)
  }
}

function kindOf(error: unknown): 'timeout' | 'cancelled' | 'failure' {
  if (error instanceof CallTimeoutError) return 'timeout'
  return error === GONE ? 'cancelled' : 'failure'
}

/** When a call that never answers is told that its time is over. */
function toldAt(order: readonly Step[]): number {
  let [now, stalledMs] = [0, 0]
  for (const step of [...order, 'pass 10000' as const]) {
    const ms = step.startsWith('pass') || step.startsWith('stall') ? msOf(step) : 0
    if (isTurn(step) && now + ms >= TIMEOUT_MS)
      return Math.max(judgedAt({ now, deadline: TIMEOUT_MS, stalledMs }), now)
    now += ms
    if (step.startsWith('stall')) stalledMs += ms
  }
  return Infinity
}

/** The work answers in some way or never, and the caller aborts or does not. */
function ordersWith(loop: readonly Step[]): readonly (readonly Step[])[] {
  const works: Step[][] = [[], ['answers'], ['fails'], ['answers into the socket'], ['fails into the socket']]
  const callers: Step[][] = [[], ['aborts']]
  return pairs(works, callers).flatMap(([work, caller]) => merges([work, caller, loop]))
}

const MANNERS: readonly Manner[] = pairs([true, false], pairs([true, false], [true, false])).map(
  ([isWhole, [isOutcome, listens]]) => ({ isWhole, isOutcome, listens }),
)

describe('a call under a timeout', () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  beforeAll(() => void process.on('unhandledRejection', note))
  afterAll(() => void process.off('unhandledRejection', note))

  it.each<[string, number, Step[]]>([
    ['passes up to it, to it and past it', 1_832, ['pass 49', 'pass 1', 'pass 10']],
    ['passes to it at once', 1_280, ['pass 50', 'pass 1']],
    ['is stalled up to it, and then to it', 18_448, ['stall 49', 'turn', 'stall 1', 'turn']],
    ['is stalled to the very end of it', 6_208, ['stall 50', 'turn']],
    ['is stalled twice, and a little past it', 57_640, ['stall 30', 'stall 30', 'turn']],
    ['is stalled far past it', 6_208, ['stall 2000', 'turn']],
    ['is stalled far past it, and turns on', 7_272, ['stall 2000', 'turn', 'pass 50']],
  ])(
    'T1 T2 T3 T4 T5 T7: ends as it must in every order when its time %s',
    async (_name, orders, loop) => {
      const wrong: string[] = []
      let played = 0
      for (const order of ordersWith(loop)) {
        const allowed = allowedBy(order)
        for (const [manner, gaps] of pairs(MANNERS, gapsFor(order))) {
          const race = new Race(manner, order.includes('aborts'))
          const end = await race.play(order, (index) => gaps[index] ?? 0)
          played++
          const faults = allowed.has(end)
            ? race.faults
            : [...race.faults, `${end}, not ${[...allowed].join(' or ')}`]
          if (faults.length > 0) wrong.push([order, gaps, JSON.stringify(manner), ...faults].join('\n'))
        }
      }

      expect(wrong.slice(0, 3)).toEqual([])
      expect(unhandled).toEqual([])
      expect(played).toBe(orders)
    },
    SLOW_MS,
  )
})
