/**
 * One batch: gathers requests until it is sent, and then answers all who wait.
 */
import { adopt } from '@breakwater/kernel'
import type { Call, CallEnd, KeyId, MonotonicMs, Outcome } from '@breakwater/kernel'
import { SharedCall } from '../shared-call.js'

/** A request, and those who wait for its answer. */
interface Entry<Q> {
  readonly request: Q
  readonly end: Promise<CallEnd>
  readonly settle: (end: CallEnd) => void
  waiting: number
}

/** What a batch needs to be one of its collapser's. */
export interface BatchMaking<Q> {
  readonly batch: (requests: readonly Q[], call: Call) => unknown
  readonly now: () => MonotonicMs
  /** The end of each request, in order. */
  readonly match: (answers: unknown, ids: readonly KeyId[]) => Outcome<unknown>[]
}

export class Batch<Q> {
  private readonly entries = new Map<KeyId, Entry<Q>>()
  private readonly call: SharedCall
  private isSent = false

  /** `emptied` hears that all have left before it was sent. */
  constructor(
    private readonly making: BatchMaking<Q>,
    first: Call,
    emptied: () => void,
  ) {
    this.call = new SharedCall(first, making.now, () => {
      if (!this.isSent) emptied()
    })
  }

  /** Different requests in it. */
  get size(): number {
    return this.entries.size
  }

  has(id: KeyId): boolean {
    return this.entries.has(id)
  }

  /** One more waits for the answer of a request. */
  add(id: KeyId, request: Q, call: Call): Promise<CallEnd> {
    const entry = this.entries.get(id) ?? this.enter(id, request)
    entry.waiting++
    this.call.admit(call, () => {
      entry.waiting--
      if (entry.waiting === 0 && !this.isSent) this.entries.delete(id)
    })
    return entry.end
  }

  /** Runs the batch, and settles each request with what comes of it. */
  send(): void {
    this.isSent = true
    const entries = [...this.entries.values()]
    let promise: Promise<unknown> | undefined
    let answers: unknown
    try {
      answers = this.making.batch(Object.freeze(entries.map(({ request }) => request)), this.call)
      promise = adopt(answers)
    } catch (error) {
      this.fail(error)
      return
    }
    if (promise === undefined) this.settle(answers)
    else
      promise.then(
        (value) => this.settle(value),
        (error: unknown) => this.fail(error),
      )
  }

  /** All of its requests fail with one error. */
  fail(error: unknown): void {
    this.isSent = true
    this.call.end()
    for (const entry of this.entries.values()) entry.settle({ outcome: { kind: 'failure', error } })
  }

  private settle(answers: unknown): void {
    const outcomes = this.making.match(answers, [...this.entries.keys()])
    this.call.end()
    let at = 0
    // There is an outcome for each request.
    for (const entry of this.entries.values()) entry.settle({ outcome: outcomes[at++] as Outcome<unknown> })
  }

  private enter(id: KeyId, request: Q): Entry<Q> {
    let settle: (end: CallEnd) => void = () => {}
    const end = new Promise<CallEnd>((resolve) => (settle = resolve))
    const entry: Entry<Q> = { request, end, settle, waiting: 0 }
    this.entries.set(id, entry)
    return entry
  }
}
