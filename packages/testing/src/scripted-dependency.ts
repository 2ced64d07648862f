/**
 * A dependency that does as it is told: its first call behaves as the first entry of a script says, its second as the
 * second, and so on. With it and a simulated clock, a test of a fallback or a breaker is five lines long.
 */
import { readOptions } from '@breakwater/kernel'
import type { MonotonicMs } from '@breakwater/kernel'
import type { SimClock } from './sim-clock.js'

/** How one call goes. Without `value`, `error` and `never` it answers `undefined`. */
export interface ScriptedAnswer<R> {
  /** Milliseconds until the answer arrives, through the I/O phase of the clock. Default 0: at once, but not before the next poll. */
  readonly afterMs?: number
  /** The answer. */
  readonly value?: R
  /** The failure, in place of an answer; any value. */
  readonly error?: unknown
  /** `true`: no answer ever comes; the call ends only when its signal aborts. */
  readonly never?: boolean
  /** `true`: the call throws `error` synchronously, before it returns anything. */
  readonly throwSync?: boolean
  /** `true`: the call returns a bare thenable in place of a promise. */
  readonly thenable?: boolean
  /** `true`: the call does not look at its signal and goes on after an abort. */
  readonly ignoreAbort?: boolean
}

/** A list whose last entry goes on for ever, or a function of the number of the call (0 = first) and its arguments. */
export type Script<A extends readonly unknown[], R> =
  readonly ScriptedAnswer<R>[] | ((index: number, args: A) => ScriptedAnswer<R>)

/** What {@link createScriptedDependency} takes. */
export interface ScriptedDependencyOptions<A extends readonly unknown[], R> {
  readonly clock: SimClock
  readonly script: Script<A, R>
}

/** One call as it went. */
export interface ScriptedCall<A extends readonly unknown[]> {
  readonly args: A
  readonly startedAt: MonotonicMs
  /** Absent while the call runs. */
  readonly endedAt?: MonotonicMs
  /** Whether its signal ended it. */
  readonly aborted: boolean
}

/** What a call needs to see of the `Call` that policies pass. */
export interface ScriptedContext {
  readonly signal: AbortSignal
}

/** A dependency that follows a script. */
export interface ScriptedDependency<A extends readonly unknown[], R> {
  /** Calls the dependency; fits as the work of a policy and as the `run` of a command. */
  readonly run: (call?: ScriptedContext, ...args: A) => PromiseLike<R>
  /** Every call so far, oldest first. */
  readonly calls: readonly ScriptedCall<A>[]
  /** How many calls run now. */
  readonly running: number
  /** How many calls have run at once at most. */
  readonly maxRunning: number
}

/**
 * Makes a dependency that follows `script`. Throws `InvalidOptionsError` for a script that cannot be followed; a script
 * that is a function is checked at each call.
 *
 * @example
 * ```ts
 * import { SimClock, createScriptedDependency } from '@breakwater/testing'
 *
 * const clock = new SimClock()
 * const users = createScriptedDependency({ clock, script: [{ error: new Error('reset') }, { afterMs: 20, value: 'Ada' }] })
 *
 * const answers = Promise.allSettled([users.run(), users.run()])
 * await clock.advance(20)
 * console.log((await answers).map(({ status }) => status)) // [ 'rejected', 'fulfilled' ]
 * console.log(users.maxRunning) // 2
 * ```
 */
export function createScriptedDependency<R, A extends readonly unknown[] = readonly unknown[]>(
  options: ScriptedDependencyOptions<A, R>,
): ScriptedDependency<A, R> {
  return new Scripted(options)
}

const ANSWER_KEYS = ['afterMs', 'value', 'error', 'never', 'throwSync', 'thenable', 'ignoreAbort'] as const

interface MutableCall<A extends readonly unknown[]> {
  readonly args: A
  readonly startedAt: MonotonicMs
  endedAt?: MonotonicMs
  aborted: boolean
}

interface Run<A extends readonly unknown[], R> {
  readonly call: MutableCall<A>
  readonly answer: ScriptedAnswer<R>
  readonly signal: AbortSignal | undefined
  readonly resolve: (value: R) => void
  readonly reject: (reason: unknown) => void
}

class Scripted<A extends readonly unknown[], R> implements ScriptedDependency<A, R> {
  readonly calls: MutableCall<A>[] = []
  running = 0
  maxRunning = 0
  private readonly clock: SimClock
  private readonly script: Script<A, R>

  constructor(options: ScriptedDependencyOptions<A, R>) {
    checkOptions(options)
    const { clock, script } = options
    if (typeof script !== 'function') script.forEach(checkAnswer)
    this.clock = clock
    this.script = typeof script === 'function' ? script : [...script]
  }

  // A property, so that it can be passed on without its object.
  readonly run = (context?: ScriptedContext, ...args: A): PromiseLike<R> => {
    const answer = this.answerTo(this.calls.length, args)
    const call: MutableCall<A> = { args, startedAt: this.clock.now(), aborted: false }
    this.calls.push(call)
    if (answer.throwSync === true) {
      call.endedAt = call.startedAt
      throw answer.error
    }
    // Reading a signal makes it, so a call that ignores aborts does not read it.
    const signal = answer.ignoreAbort === true ? undefined : context?.signal
    const result = new Promise<R>((resolve, reject) => {
      this.start({ call, answer, signal, resolve, reject })
    })
    return answer.thenable === true ? bareThenable(result) : result
  }

  private answerTo(index: number, args: A): ScriptedAnswer<R> {
    if (typeof this.script !== 'function') return this.script[Math.min(index, this.script.length - 1)] ?? {}
    // As where a list has a gap, nothing said is nothing special.
    const answer = this.script(index, args) as ScriptedAnswer<R> | undefined
    checkAnswer(answer, index)
    return answer ?? {}
  }

  private start({ call, answer, signal, resolve, reject }: Run<A, R>): void {
    this.running += 1
    this.maxRunning = Math.max(this.maxRunning, this.running)
    let cancelDelivery = (): void => undefined
    const end = (): void => {
      signal?.removeEventListener('abort', abort)
      this.running -= 1
      call.endedAt = this.clock.now()
    }
    const abort = (): void => {
      call.aborted = true
      cancelDelivery()
      end()
      reject(signal?.reason)
    }
    const deliver = (): void => {
      end()
      if (Object.hasOwn(answer, 'error')) reject(answer.error)
      // Without a `value`, `R` includes `undefined` or the test does not look at the answer.
      else resolve(answer.value as R)
    }
    if (signal?.aborted === true) {
      abort()
      return
    }
    signal?.addEventListener('abort', abort)
    if (answer.never !== true) cancelDelivery = this.clock.io(call.startedAt + (answer.afterMs ?? 0), deliver)
  }
}

function bareThenable<R>(promise: Promise<R>): PromiseLike<R> {
  return { then: (onValue, onError) => promise.then(onValue, onError) }
}

function checkOptions(options: unknown): void {
  const read = readOptions('createScriptedDependency', options, ['clock', 'script'])
  const clock = read.value('clock')
  const isClock =
    typeof clock === 'object' && clock !== null && 'io' in clock && typeof clock.io === 'function'
  if (!isClock) read.issue('clock', clock, 'a SimClock')
  const script = read.value('script')
  const isScript = typeof script === 'function' || (Array.isArray(script) && script.length > 0)
  if (!isScript) read.issue('script', script, 'an array of at least one answer, or a function')
  read.finish()
}

function checkAnswer(answer: unknown, index: number): void {
  const read = readOptions(`createScriptedDependency, script[${index}]`, answer, ANSWER_KEYS)
  read.durationMs('afterMs', 0)
  for (const key of ['never', 'throwSync', 'thenable', 'ignoreAbort'] as const) read.boolean(key, false)
  const fails = typeof answer === 'object' && answer !== null && Object.hasOwn(answer, 'error')
  const endings = [read.has('value'), fails, read.value('never') === true].filter(Boolean).length
  if (endings > 1) read.issue('', answer, 'only one of value, error and never')
  if (read.value('throwSync') === true && !fails)
    read.issue('error', undefined, 'the error that throwSync throws')
  read.finish()
}
