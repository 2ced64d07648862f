/**
 * A limit on the time of one attempt. Cooperative: the caller gets its error at once, the work is told through its
 * signal. A loop that stalled is forgiven: an answer that was there in time wins over a timer that fired late.
 */
import { CallTimeoutError, Emitter, PolicyBase, readOptions } from '@breakwater/kernel'
import type { Clock, DeadlineLine, Stage, Timeline, TimeoutPart } from '@breakwater/kernel'
import { MAX_NAME_LENGTH } from '../common-options.js'

export interface TimeoutOptions {
  /** Milliseconds that an attempt may take, 1 to 2^31 − 1. */
  readonly timeoutMs: number
  readonly name?: string | undefined
  readonly clock?: Clock | undefined
}

/** What a timeout tells its listeners. */
export interface TimeoutEvents {
  /** An attempt ran out of time. */
  timeout: { readonly timeoutMs: number }
}

class TimeLimit implements TimeoutPart {
  expirations = 0
  events: Emitter<TimeoutEvents> | null = null
  private lineOfMs = -1
  private cachedLine: DeadlineLine | undefined = undefined
  private cachedTimeline: Timeline | undefined = undefined

  constructor(public timeoutMs: number) {}

  line(timeline: Timeline): DeadlineLine {
    if (
      this.cachedLine === undefined ||
      this.cachedTimeline !== timeline ||
      this.lineOfMs !== this.timeoutMs
    ) {
      this.cachedLine = timeline.line(this.timeoutMs)
      this.cachedTimeline = timeline
      this.lineOfMs = this.timeoutMs
    }
    return this.cachedLine
  }

  error(): CallTimeoutError {
    return new CallTimeoutError(`no answer within ${String(this.timeoutMs)} ms`)
  }

  expired(): void {
    this.expirations++
    this.events?.emit('timeout', { timeoutMs: this.timeoutMs })
  }
}

/**
 * A timeout. The call rejects with `CallTimeoutError`, and `call.signal` aborts once with the same error as its reason;
 * what the work answers later is dropped and never unhandled. All calls with the same time share one timer.
 *
 * Around a retry, it limits all attempts and the waits between them; inside, each attempt by itself.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { Timeout } from '@breakwater/breaker'
 *
 * const timeout = new Timeout({ timeoutMs: 250 })
 * const status = await timeout.execute(async ({ signal }) => (signal.aborted ? 'too late' : 'in time'))
 * console.log(status) // in time
 * ```
 */
export class Timeout extends PolicyBase {
  private readonly limit: TimeLimit
  /** @internal */
  override readonly stage: Stage

  constructor(options: TimeoutOptions) {
    super()
    const read = readOptions('Timeout', options, ['timeoutMs', 'name', 'clock'])
    this.limit = new TimeLimit(readTimeout(read))
    const name = read.string('name', undefined, { maxLength: MAX_NAME_LENGTH })
    const clock = read.clock('clock', undefined)
    read.finish()
    const describe: Stage['describe'] = () => ({
      kind: 'timeout',
      name,
      options: Object.freeze({ timeoutMs: this.timeoutMs }),
    })
    this.stage = { slot: 'timeout', part: this.limit, clock, describe }
  }

  get timeoutMs(): number {
    return this.limit.timeoutMs
  }

  /** Attempts that ran out of time so far. */
  get expirations(): number {
    return this.limit.expirations
  }

  /**
   * Another time, for attempts that start from now on.
   *
   * @throws InvalidOptionsError
   */
  update(options: Pick<TimeoutOptions, 'timeoutMs'>): void {
    const read = readOptions('Timeout.update', options, ['timeoutMs'])
    const timeoutMs = readTimeout(read)
    read.finish()
    this.limit.timeoutMs = timeoutMs
  }

  /** Subscribes; returns the function that unsubscribes. */
  on<E extends keyof TimeoutEvents>(event: E, listener: (payload: TimeoutEvents[E]) => void): () => void {
    this.limit.events ??= new Emitter('Timeout')
    return this.limit.events.on(event, listener)
  }
}

function readTimeout(read: ReturnType<typeof readOptions<'timeoutMs'>>): number {
  const timeoutMs = read.durationMs('timeoutMs', undefined, { min: 1 })
  if (!read.has('timeoutMs')) read.issue('timeoutMs', undefined, 'a number of milliseconds from 1')
  return timeoutMs ?? 1
}
