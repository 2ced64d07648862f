/**
 * What stands between an attempt and the user's function, where it is not the function itself: the next stretch of the
 * pipeline (a `Runner`), a hedge (`hedged.ts`), a cache, or a policy that is not ours, each with the next stretch inside of
 * it, if there is one.
 */
import type { Call, Work } from '../call.js'
import type { MonotonicMs } from '../clock.js'
import type { Outcome, OutcomeKind } from '../outcome.js'
import type { Attempt } from './attempt.js'
import type { Runner } from './runner.js'
import type { CachePart, CallEnd, ForeignPart } from './stage.js'
import { callWithin } from './nested-call.js'
import { adopt, callWork, runWork } from './work.js'

export interface Inside {
  /** Whether a timer, rather than the work, may end it. */
  readonly endsByTimer: boolean
  /** Runs, and tells the attempt how it ended, now or later. */
  run(attempt: Attempt): void
}

/** What is left of the work of a call that has ended: nobody may have begun it, and nobody may wait for it any more. */
export type WorkLeft = 'none' | 'runs on' | 'never began'

/** What a run of a stretch has around it. */
export interface Around {
  /** The call of which it is an attempt. */
  readonly whole: { readonly outerEndsIt: boolean; heedAbort(): void } | null
  /** What it waits for. */
  child: Inner | null
  readonly attempt: number
  readonly deadline: MonotonicMs | undefined
  /** Whether nobody waits for it any more; what it waits for may be about to be told. */
  readonly isOver: boolean
  /** It ended. */
  ended(outcome: Outcome<unknown>, policy: string | undefined, left: WorkLeft): void
  /** Such work has ended too. */
  cameLate(kind: OutcomeKind): void
  /** The work was tried again inside. */
  triedInside(attempt: number): void
  /** The work has answered, of which `ended` will tell in a moment. */
  answers(): void
}

/** Who waits for the run of a stretch. */
export interface Outer extends Around {
  readonly work: Work<unknown>
  readonly input: unknown
}

/** A run that somebody waits for. */
export interface Inner {
  /** Whether no work was started for it so far. */
  readonly neverRan: boolean
  /** Nobody waits for it any more. */
  drop(kind: 'timeout' | 'cancelled', error: unknown): void
}

/** Asks a cache, whose answer is from its memory or from a run that several calls may share. */
export class Cached implements Inside {
  // Its answer comes as a reaction of the caller's own, whatever ended the run.
  readonly endsByTimer: boolean = false

  constructor(
    private readonly cache: CachePart,
    private readonly inner: Runner | null,
  ) {}

  run(attempt: Attempt): void {
    const { inner } = this
    const { work, input } = attempt
    const run = (call: Call): Promise<CallEnd> =>
      inner === null ? endOfWork(work, call, input) : inner.endWithin(call, work, input)
    let end: CallEnd | Promise<CallEnd>
    try {
      end = this.cache.answer(run, attempt, input)
    } catch (error) {
      attempt.failed(error)
      return
    }
    if (end instanceof Promise) void end.then(({ outcome, policy }) => attempt.ended(outcome, policy))
    else {
      // From memory, or aborted before it began: nothing ran for it, so there is nothing to measure.
      attempt.startedAt = undefined
      attempt.ended(end.outcome, end.policy)
    }
  }
}

/**
 * Lets anything with `execute` run what is inside of it. The call that it gives its work, if it does, is what goes on:
 * its signal and its deadline are those of policies that it may have put around the work.
 */
export class Foreign implements Inside {
  readonly endsByTimer: boolean = false

  constructor(
    private readonly policy: ForeignPart,
    private readonly inner: Runner | null,
  ) {}

  run(attempt: Attempt): void {
    const { inner, policy } = this
    const { work, input, signal } = attempt
    const rest = (given?: unknown): unknown => {
      const call = callWithin(attempt, given)
      return inner === null ? callWork(work, call, input) : inner.executeWithin(call, work, input)
    }
    const leftMs = attempt.remainingMs()
    const options = leftMs === Infinity ? { signal } : { signal, budgetMs: leftMs }
    runWork(() => policy.execute(rest, options), attempt)
  }
}

/** A call that is no attempt of ours, as what is around a run: whoever gave it hears of the end in his own way. */
export class GivenCall implements Around {
  readonly whole: null = null
  // Its signal says so.
  readonly isOver: boolean = false
  child: Inner | null = null

  constructor(private readonly call: Call) {}

  get attempt(): number {
    return this.call.attempt
  }

  get deadline(): MonotonicMs | undefined {
    return this.call.deadline
  }

  ended(): void {}
  cameLate(): void {}
  triedInside(): void {}
  answers(): void {}
}

async function endOfWork(work: Work<unknown>, call: Call, input: unknown): Promise<CallEnd> {
  try {
    const result = callWork(work, call, input)
    const promise = adopt(result)
    return { outcome: { kind: 'success', value: promise === undefined ? result : await promise } }
  } catch (error) {
    return { outcome: { kind: 'failure', error } }
  }
}
