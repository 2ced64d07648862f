/**
 * The breaker's place in a pipeline: asks the state machine, keeps what is shared by all calls of an open period, and
 * tells listeners once the state is final.
 */
import { Emitter, GATE_ASK, GATE_FREE, GATE_SHUT, leave, RollingLatency } from '@breakwater/kernel'
import type {
  Admission,
  BreakerPart,
  CircuitOpenError,
  FailedOutcome,
  MonotonicMs,
  Outcome,
  OutcomeKind,
} from '@breakwater/kernel'
import type { ResolvedCircuitBreaker } from './circuit-breaker-options.js'
import type { Transition } from './core/machine-data.js'
import type { MachineFrame } from './core/machine-frame.js'
import { LATENCY_WINDOW_MS, recentLatencies } from './latencies.js'
import type { RecentLatencies } from './latencies.js'
import { Ledger } from './ledger.js'
import { machineFor } from './machine-for.js'
import { Refusals } from './refusals.js'
import type { Refusal } from './refusals.js'
import { Ticket, wasSlow } from './ticket.js'
import { verdictOn } from './verdict.js'

/** What a breaker tells its listeners. */
export interface CircuitBreakerEvents {
  /** A change of state, after it is final. */
  transition: Transition
  /** A call was refused. */
  rejected: { readonly error: CircuitOpenError; readonly at: MonotonicMs }
  /** A result came too late to count: its call was admitted in an earlier state, or its lease or time was over. */
  late: { readonly kind: OutcomeKind; readonly generation: number; readonly currentGeneration: number }
  /** The options were changed. */
  update: { readonly at: MonotonicMs }
}

export type AdmittedTicket = Admission & { readonly lease: Ticket | null }

export class Gate implements BreakerPart {
  gate: number = GATE_FREE
  generation = 0
  rejections = 0
  ledger: Ledger | null = null
  events: Emitter<CircuitBreakerEvents> | null = null
  readonly machine: MachineFrame
  private latency: RollingLatency | null = null
  private refusals: Refusals | null = null
  /** What all get without another question, while nobody listens and nothing changes. */
  private standing: Refusal | null = null

  constructor(public options: ResolvedCircuitBreaker) {
    this.machine = machineFor(options)
  }

  /** Who listens. The runtime hears what all others hear, so that every edge reaches all of them in order. */
  emitter(): Emitter<CircuitBreakerEvents> {
    this.standing = null
    if (this.events !== null) return this.events
    const { name, group, runtime } = this.options
    this.events = new Emitter('CircuitBreaker')
    if (name !== undefined && runtime !== undefined) {
      this.events.on('transition', ({ from, to, reason, at }) => {
        runtime.emit('transition', { name, group, from, to, reason, at })
      })
    }
    return this.events
  }

  refuse(now: number): Refusal | undefined {
    const { standing } = this
    if (standing === null || now >= standing.until)
      return now < this.machine.refusesUntil ? this.refused() : undefined
    this.rejections++
    return standing
  }

  enter(admission: Admission, timeoutMs: number, outlives = false): CircuitOpenError | undefined {
    if (this.gate === GATE_FREE) {
      admission.generation = this.generation
      return undefined
    }
    const { machine } = this
    const now = this.options.clock.now()
    const lease = new Ticket(now, this, outlives)
    if (timeoutMs !== Infinity) lease.timeoutMs = timeoutMs
    const isAdmitted = machine.admit(lease, now)
    // Before anyone is told: a listener may move the machine on.
    lease.generation = machine.generation
    this.announce()
    if (!isAdmitted) return this.refused().error
    admission.generation = lease.generation
    admission.lease = lease
    const { clock, config } = this.options
    const { slowerThanMs } = config
    if (slowerThanMs !== undefined && slowerThanMs < timeoutMs) lease.becomesSlowIn(slowerThanMs, now, clock)
    return undefined
  }

  advance(now: number): void {
    this.machine.advance(now)
  }

  succeeded(value: unknown, generation: number, durationMs: number | undefined): void {
    const { machine } = this
    if (generation !== this.generation || this.options.classify !== undefined) {
      this.judgeSuccess(value, generation, durationMs)
      return
    }
    const isQuiet = machine.freeSuccess()
    if (durationMs !== undefined || !isQuiet) this.reviewSuccess(durationMs, isQuiet)
  }

  failed(
    outcome: FailedOutcome,
    generation: number,
    now: number,
    durationMs: number | undefined,
  ): OutcomeKind {
    const { machine } = this
    if (outcome.kind !== 'failure' || generation !== this.generation || this.options.classify !== undefined) {
      return this.exit({ generation, lease: null }, outcome, now, durationMs)
    }
    machine.freeFailure(now)
    this.noteFailure(outcome)
    if (durationMs !== undefined || machine.hasMoved) this.reviewFailure(durationMs, now)
    return 'failure'
  }

  exit(
    admission: Admission,
    outcome: Outcome<unknown>,
    now: number,
    durationMs: number | undefined,
  ): OutcomeKind {
    const { kind } = outcome
    const verdict = verdictOn(outcome, this.options)
    // A breaker puts nothing but its own tickets there.
    const admitted = admission as AdmittedTicket
    const { generation, lease } = admitted
    if (lease !== null) leave(lease)
    const isSlow = wasSlow(lease, kind, now, this.options.config.slowerThanMs)
    const isHeard = this.machine.settle(admitted, verdict, now, isSlow)
    if (durationMs !== undefined && verdict !== 'neutral') this.measure(durationMs, now)
    if (!isHeard && verdict !== 'neutral') this.late(generation, kind)
    if (isHeard && lease?.role === 'probe') (this.ledger ??= new Ledger()).probeEnded(kind)
    if (isHeard && verdict === 'failure') this.noteFailure(outcome)
    if (this.machine.hasMoved) this.announce()
    return kind === 'failure' && verdict === 'neutral' ? 'ignored' : kind
  }

  late(generation: number, kind: OutcomeKind): void {
    this.events?.emit('late', { kind, generation, currentGeneration: this.generation })
  }

  /** Brings everything that follows from the state up to date, then tells about transitions. */
  announce(): void {
    const { machine, options } = this
    this.standing = null
    this.gate = gateOf(machine)
    this.generation = machine.generation
    const transitions = machine.takeTransitions()
    if (transitions === null) return
    this.refusals?.renew(transitions)
    const ledger = (this.ledger ??= new Ledger())
    for (const transition of transitions) ledger.moved(transition, options.clock.epochNow())
    if (machine.state === 'closed') this.refusals = null
    if (options.runtime !== undefined) this.emitter()
    for (const transition of ledger.untold()) this.events?.emit('transition', transition)
  }

  /** Other options from the next call on. */
  reconfigure(options: ResolvedCircuitBreaker): void {
    const now = options.clock.now()
    this.options = options
    this.machine.configure(options.config, now)
    this.refusals?.renew()
    this.announce()
    this.events?.emit('update', { at: now })
  }

  latencies(now: number): RecentLatencies {
    return recentLatencies(this.latency, now)
  }

  private judgeSuccess(value: unknown, generation: number, durationMs: number | undefined): void {
    const now = this.options.clock.now()
    this.exit({ generation, lease: null }, { kind: 'success', value }, now, durationMs)
  }

  // Apart, so that what is seldom done keeps nobody from inlining the rest.
  private reviewSuccess(durationMs: number | undefined, isQuiet: boolean): void {
    const { machine } = this
    if (!isQuiet) machine.judge()
    if (durationMs !== undefined) this.measure(durationMs, machine.toldAt)
    if (machine.hasMoved) this.announce()
  }

  private reviewFailure(durationMs: number | undefined, now: number): void {
    if (durationMs !== undefined) this.measure(durationMs, now)
    if (this.machine.hasMoved) this.announce()
  }

  becameSlow(ticket: Ticket): void {
    const { clock, config } = this.options
    const now = clock.now()
    // The rule of now may give it longer than that of its beginning.
    const leftMs = ticket.admittedAt + (config.slowerThanMs ?? 0) - now
    if (leftMs > 0) {
      ticket.becomesSlowIn(leftMs, now, clock)
      return
    }
    this.machine.slowInFlight(ticket, ticket.generation, now)
    this.announce()
  }

  private refused(): Refusal {
    this.rejections++
    this.refusals ??= new Refusals()
    const refusal = this.refusals.next(this.machine, this.options)
    refusal.until = this.machine.refusesUntil
    this.standing = this.options.captureStack ? null : refusal
    if (this.events !== null) this.tellRefused(refusal.error)
    return refusal
  }

  private tellRefused(error: CircuitOpenError): void {
    if (this.events?.hasListeners('rejected') !== true) return
    this.standing = null
    this.events.emit('rejected', { error, at: this.options.clock.now() })
  }

  private noteFailure(outcome: Outcome<unknown>): void {
    this.refusals ??= new Refusals()
    this.refusals.lastFailure = outcome.kind === 'success' ? undefined : outcome.error
  }

  private measure(durationMs: number, now: number): void {
    this.latency ??= new RollingLatency(LATENCY_WINDOW_MS, now)
    this.latency.rotate(now)
    this.latency.record(durationMs)
  }
}

function gateOf(machine: MachineFrame): number {
  if (machine.isFree) return GATE_FREE
  return machine.state === 'open' || machine.state === 'forced-open' ? GATE_SHUT : GATE_ASK
}
