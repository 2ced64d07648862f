// One call of a client, from its arrival over its attempts to the end, and the attempts on their way.

import type { FailureOrigin, Pick } from '@breakwater/discovery-client'
import type { OutcomeKind } from '@breakwater/kernel'
import type { EventQueue } from './event-queue.ts'
import type { Answer, Job, Server } from './server.ts'

/** What an answer says about the instance that gave it. */
interface Judgement {
  readonly outcome: OutcomeKind
  readonly origin?: FailureOrigin
}

export type Judgements = Readonly<Record<Answer, Judgement>>

export const JUDGEMENTS: Judgements = {
  ok: { outcome: 'success' },
  failure: { outcome: 'failure' },
  refusal: { outcome: 'failure' },
  throttled: { outcome: 'failure', origin: 'throttled' },
  badRequest: { outcome: 'ignored' },
}

/** Where an attempt goes. */
export interface Chosen {
  readonly pick: Pick
  readonly server: Server
  readonly index: number
}

/** What calls need of the world around them. */
export interface CallWorld {
  readonly queue: EventQueue
  /** Milliseconds until an attempt is given up; absent: never. */
  readonly timeoutMs: number | undefined
  /** Attempts a call may take. */
  readonly attempts: number
  /** What is tried again; timeouts are. */
  readonly isRetried: (answer: Answer) => boolean
  /** Wait before attempt 2, 3, …, in milliseconds. */
  readonly backoffMs: (attempt: number) => number
  readonly judgements: Judgements
  choose(call: Call): Chosen | 'full' | undefined
  /** All instances have as many calls in flight as this client may have there. */
  wait(call: Call): void
  /** A call of the client has left its instance. */
  left(client: number): void
  ended(call: Call, verdict: Verdict): void
}

/** How a call ended for its caller; what has not ended at the end of time is `open`. */
export type Verdict = 'ok' | 'failed' | 'timeout' | 'open'

export class Call {
  readonly at: number
  readonly client: number
  readonly demandMs: number
  readonly endpoint: number
  attempts = 0
  /** The server of the last attempt. */
  server = -1
  /** Ids of the instances tried. */
  tried: string[] | undefined = undefined
  private readonly world: CallWorld

  constructor(world: CallWorld, client: number, demandMs: number, endpoint: number) {
    this.world = world
    this.at = world.queue.now
    this.client = client
    this.demandMs = demandMs
    this.endpoint = endpoint
  }

  begin(): void {
    this.attempts++
    if (!this.isSent()) this.world.wait(this)
  }

  /** Goes to an instance, if one has room. */
  isSent(): boolean {
    const chosen = this.world.choose(this)
    if (chosen === 'full') return false
    if (chosen === undefined) this.world.ended(this, 'failed')
    else this.send(chosen)
    return true
  }

  private send(chosen: Chosen): void {
    this.server = chosen.index
    const attempt = new Attempt(this, this.world, chosen.pick)
    if (this.world.timeoutMs !== undefined) {
      const give = {
        fire: () => {
          attempt.timeOut()
        },
      }
      this.world.queue.plan(this.world.queue.now + this.world.timeoutMs, give)
    }
    chosen.server.accept(attempt)
  }

  /** An attempt has ended. */
  over(answer: Answer | 'timeout', id: string): void {
    const { world } = this
    if (answer === 'ok') world.ended(this, 'ok')
    else if (this.attempts < world.attempts && (answer === 'timeout' || world.isRetried(answer))) {
      this.tried = [...(this.tried ?? []), id]
      world.queue.at(world.queue.now + world.backoffMs(this.attempts), () => {
        this.begin()
      })
    } else world.ended(this, answer === 'timeout' ? 'timeout' : 'failed')
  }
}

class Attempt implements Job {
  server: Server | undefined = undefined
  pausedMs = 0
  private readonly call: Call
  private readonly world: CallWorld
  private readonly pick: Pick
  private isOver = false

  constructor(call: Call, world: CallWorld, pick: Pick) {
    this.call = call
    this.world = world
    this.pick = pick
  }

  get demandMs(): number {
    return this.call.demandMs
  }

  get endpoint(): number {
    return this.call.endpoint
  }

  fire(): void {
    this.server?.due(this)
  }

  answer(answer: Answer): void {
    if (this.isOver) return
    this.isOver = true
    const { outcome, origin } = this.world.judgements[answer]
    this.pick.done(outcome, undefined, origin)
    this.call.over(answer, this.pick.instance.id)
    this.world.left(this.call.client)
  }

  /** The client gives up; the server goes on, as servers do. */
  timeOut(): void {
    if (this.isOver) return
    this.isOver = true
    this.pick.done('timeout')
    this.call.over('timeout', this.pick.instance.id)
    this.world.left(this.call.client)
  }
}
