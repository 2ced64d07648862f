// Hand-written code with just enough meaning to price the idea: what a careful programmer would write for one call site, without a
// library. It has no half-open state, no window, no percentiles, no events. Nobody should expect to get below it.

import { performance } from 'node:perf_hooks'
import { BULKHEAD_LIMIT, NEVER, TIMEOUT_MS } from './subject.ts'
import type { Build, Library, Subject, Work } from './subject.ts'

/** Hand-written wrapper; `exact` reads the clock twice on each call. */
export function floor({ exact = false }: { readonly exact?: boolean } = {}): Library {
  return { adapter: (build) => floorSubject(build, exact) }
}

function floorSubject(build: Build, exact: boolean): Subject {
  if (build.mode === 'open') return { call: lateRejection() }
  if (build.mode === 'open-fallback') return { call: () => Promise.resolve(0) }
  if (build.policies === 'breaker') return { call: thenWrapper(build.work) }
  const fused = new Fused({ exact, answers: build.mode === 'fails-fallback' })
  return { call: () => fused.execute(build.work), dispose: () => fused.dispose() }
}

/** A fresh promise that rejects one tick later; one that is rejected before anyone listens costs three times as much. */
function lateRejection(): () => Promise<never> {
  const rejected = Promise.reject<never>(new Error('open'))
  rejected.catch(() => undefined)
  return () => rejected.then()
}

/** Counts and state around one derived promise. */
function thenWrapper(work: Work): () => Promise<unknown> {
  const state = { open: false, successes: 0, failures: 0 }
  const succeeded = (value: unknown): unknown => {
    state.successes++
    return value
  }
  const failed = (error: unknown): never => {
    if (++state.failures > NEVER) state.open = true
    throw error
  }
  return () => {
    if (state.open) throw new Error('open')
    const result = work()
    return result instanceof Promise ? result.then(succeeded, failed) : settled(succeeded(result))
  }
}

function settled(value: unknown): Promise<unknown> {
  return Promise.resolve(value)
}

interface Deadline {
  due: number
  previous: Deadline | undefined
  next: Deadline | undefined
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Resolvers = Pick<Deadline, 'resolve' | 'reject'>

// One executor for all promises: it leaves the resolvers here, and the caller takes them before anything else can run.
const taken: { -readonly [K in keyof Resolvers]: Resolvers[K] } = { resolve: () => {}, reject: () => {} }

function takeResolvers(resolve: Resolvers['resolve'], reject: Resolvers['reject']): void {
  taken.resolve = resolve
  taken.reject = reject
}

/** Breaker, bulkhead, timeout and fallback in one promise and one record; retry would sit in the error path too. */
class Fused {
  private open = false
  private inFlight = 0
  private successes = 0
  private failures = 0
  private latencyMs = 0
  private calls = 0
  private now = 0
  private tail: Deadline | undefined
  private head: Deadline | undefined
  private timer: NodeJS.Timeout | undefined
  private readonly exact: boolean
  private readonly answers: boolean

  constructor({ exact, answers }: { readonly exact: boolean; readonly answers: boolean }) {
    this.exact = exact
    this.answers = answers
  }

  execute(work: Work): Promise<unknown> {
    if (this.open || this.inFlight >= BULKHEAD_LIMIT) throw new Error('rejected')
    if (this.exact || (this.calls++ & 7) === 0) this.now = performance.now()
    const start = this.now
    this.inFlight++
    const promise = new Promise<unknown>(takeResolvers)
    const record: Deadline = {
      due: start + TIMEOUT_MS,
      previous: this.tail,
      next: undefined,
      resolve: taken.resolve,
      reject: taken.reject,
    }
    this.link(record)
    const result = work() as Promise<unknown>
    result.then(
      (value) => {
        this.leave(record, start)
        this.successes++
        record.resolve(value)
      },
      (error: unknown) => {
        this.leave(record, start)
        if (++this.failures > NEVER) this.open = true
        if (this.answers) record.resolve(0)
        else record.reject(error)
      },
    )
    return promise
  }

  dispose(): void {
    clearTimeout(this.timer)
  }

  private leave(deadline: Deadline, start: number): void {
    this.inFlight--
    if (this.exact) this.latencyMs += performance.now() - start
    this.unlink(deadline)
  }

  private link(deadline: Deadline): void {
    if (this.tail === undefined) this.head = deadline
    else this.tail.next = deadline
    this.tail = deadline
    this.timer ??= setTimeout(() => this.expire(), TIMEOUT_MS).unref()
  }

  private unlink({ previous, next }: Deadline): void {
    if (previous === undefined) this.head = next
    else previous.next = next
    if (next === undefined) this.tail = previous
    else next.previous = previous
  }

  private expire(): void {
    this.timer = undefined
    const now = performance.now()
    while (this.head !== undefined && this.head.due <= now) {
      const { head } = this
      this.unlink(head)
      head.reject(new Error('timeout'))
    }
  }
}
