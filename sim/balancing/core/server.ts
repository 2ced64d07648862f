// What stands at the other end of a call. The world knows servers by this interface only.

import type { EventQueue, SimEvent } from './event-queue.ts'

/** How a server answers; what does not answer at all says nothing. */
export type Answer = 'ok' | 'failure' | 'refusal' | 'throttled' | 'badRequest'

/** One attempt on its way through a server. It is its own event, so that a simulation of millions allocates little. */
export interface Job extends SimEvent {
  /** Work in milliseconds, on a server that is not slow. */
  readonly demandMs: number
  /** Which of the operations of the service is asked for. */
  readonly endpoint: number
  /** Set by the server: what is called when the planned event comes. */
  server: Server | undefined
  /** Of the pauses of its server, so much is in its planned end. */
  pausedMs: number
  answer(answer: Answer): void
}

export interface Server {
  accept(job: Job): void
  /** The planned event of a job has come. */
  due(job: Job): void
}

/** `fail`: each call fails at once, without a slot. `hole`: calls are taken and never answered. */
export type Mode = 'serve' | 'fail' | 'hole'

/**
 * So many slots, a queue in the order of arrival, and what can be wrong with it. Slowness counts for work that begins; a
 * pause stops all work under way, as a collection of garbage does.
 */
export class SlotServer implements Server {
  /** Work takes this many times as long. */
  slowness = 1
  /** After how long a call fails. */
  failMs = 1
  /** Of so many answers one is a failure, though all is well. */
  failsOnceIn: number = Infinity
  private mode: Mode = 'serve'
  private readonly queue: EventQueue
  private readonly slots: number
  private waiting: Job[] = []
  private head = 0
  private busy = 0
  private answers = 0
  private pausedUntil = 0
  private pausedMs = 0

  constructor(queue: EventQueue, slots: number) {
    this.queue = queue
    this.slots = slots
  }

  /** Stops all work for a while. */
  pause(ms: number): void {
    this.pausedUntil = this.queue.now + ms
    this.pausedMs += ms
  }

  /** Breaks or recovers. What waits in line fails or is lost when it breaks. */
  become(mode: Mode): void {
    this.mode = mode
    if (mode === 'serve') return
    const waiting = this.waiting.slice(this.head)
    this.waiting = []
    this.head = 0
    if (mode === 'fail') for (const job of waiting) this.accept(job)
  }

  accept(job: Job): void {
    job.server = this
    if (this.mode === 'hole') return
    if (this.mode === 'fail') {
      this.busy++
      job.pausedMs = this.pausedMs
      this.queue.plan(this.queue.now + this.failMs, job)
    } else if (this.busy < this.slots) this.begin(job)
    else this.waiting.push(job)
  }

  due(job: Job): void {
    if (job.pausedMs < this.pausedMs) {
      const more = this.pausedMs - job.pausedMs
      job.pausedMs = this.pausedMs
      this.queue.plan(this.queue.now + more, job)
      return
    }
    this.busy--
    // What was under way when it became a hole is swallowed, and its slot is free once it is none any more.
    if (this.mode !== 'hole') job.answer(this.mode === 'fail' || this.isFlake() ? 'failure' : 'ok')
    if (this.mode === 'serve') this.next()
  }

  private isFlake(): boolean {
    return ++this.answers % this.failsOnceIn === 0
  }

  private next(): void {
    if (this.head >= this.waiting.length || this.busy >= this.slots) return
    const job = this.waiting[this.head++] as Job
    if (this.head === 1_024) {
      this.waiting.splice(0, this.head)
      this.head = 0
    }
    this.begin(job)
  }

  private begin(job: Job): void {
    this.busy++
    job.pausedMs = this.pausedMs
    const start = Math.max(this.queue.now, this.pausedUntil)
    this.queue.plan(start + job.demandMs * this.slowness, job)
  }
}

/** How an elastic server treats calls at a time: how long for how many under way, and what it says at the end. */
export interface Handling {
  readonly durationMs: (inFlight: number) => number
  readonly answer: (inFlight: number) => Answer
}

/** Takes any number of calls at once, each for as long as it says on arrival: Dialogue's model of a server. */
export class ElasticServer implements Server {
  private readonly queue: EventQueue
  private readonly handlingAt: (now: number, endpoint: number) => Handling
  private readonly taken = new Map<Job, Handling>()

  constructor(queue: EventQueue, handlingAt: (now: number, endpoint: number) => Handling) {
    this.queue = queue
    this.handlingAt = handlingAt
  }

  accept(job: Job): void {
    const handling = this.handlingAt(this.queue.now, job.endpoint)
    job.server = this
    this.taken.set(job, handling)
    this.queue.plan(this.queue.now + handling.durationMs(this.taken.size), job)
  }

  due(job: Job): void {
    const answer = this.taken.get(job)?.answer(this.taken.size)
    this.taken.delete(job)
    if (answer !== undefined) job.answer(answer)
  }
}

/** As long as `bestMs` when idle, twice that at its capacity, five times beyond it. */
export function linear(bestMs: number, capacity: number): (inFlight: number) => number {
  return (inFlight) => (inFlight > capacity ? 5 * bestMs : bestMs * (1 + inFlight / capacity))
}
