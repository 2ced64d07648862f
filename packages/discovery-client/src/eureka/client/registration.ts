/**
 * Keeps our instance registered: does what the lease says (register, renew, cancel, wait), and tells it how that went.
 * Whatever else happens here, the lease decides; no answer and no timer acts by itself.
 */
import { outsideOfCalls, RegistryError } from '@breakwater/kernel'
import type { Cancel, Clock, EpochMs, MonotonicMs, Random } from '@breakwater/kernel'
import { NO_LEASE, stepLease } from '../core/lifecycle/lease.js'
import type { LeaseEffect, LeaseEvent, LeaseOptions, LeaseState } from '../core/lifecycle/lease.js'
import type { RegistrationFailure } from '../core/lifecycle/schedule.js'
import { cancelRequest, heartbeatRequest, registerRequest } from '../core/wire/requests.js'
import type { EurekaRequest } from '../core/wire/requests.js'
import type { Answer } from '../transport/attempt.js'
import type { EurekaTransport } from '../transport/eureka-transport.js'
import { isRegistryFault } from '../../transport/registry-errors.js'
import type { LocalInstance } from './local-instance.js'
import { RegistrationCounts } from './registration-counts.js'

export interface RegistrationOptions {
  readonly clock: Clock
  readonly random: Random
  readonly lease: LeaseOptions
  readonly transport: EurekaTransport
  readonly instance: LocalInstance
  /** How long the cancellation may take. */
  readonly cancelWithinMs: number
  /** Hears of each registration and heartbeat that ended, and of the cancellation. */
  readonly onEnd: (ended: RegistrationEnd) => void
}

export type RegistrationEnd =
  | { readonly kind: 'registered'; readonly again: boolean }
  | { readonly kind: 'heartbeat'; readonly status: number; readonly ok: boolean }
  | { readonly kind: 'cancelled' }
  | {
      readonly kind: 'failed'
      readonly operation: 'register' | 'heartbeat' | 'cancel'
      readonly error: RegistryError
    }

export class Registration {
  readonly counts: RegistrationCounts = new RegistrationCounts()
  private readonly options: RegistrationOptions
  private state: LeaseState = NO_LEASE
  private timer: Cancel | undefined
  private heartbeatAt: MonotonicMs | undefined
  private left: (() => void) | undefined
  private readonly underWay = new Set<Promise<void>>()

  constructor(options: RegistrationOptions) {
    this.options = options
  }

  /** When a server last took a registration or a heartbeat. */
  get goodAt(): MonotonicMs | undefined {
    return this.heartbeatAt
  }

  /** The stamp of the present state. */
  get stamp(): number {
    return this.state.dirtyStamp ?? 0
  }

  /** Whether it was stopped. */
  get isOver(): boolean {
    return this.state.stage === 'leaving' || this.state.stage === 'left'
  }

  /** Registers now. Resolves when the first attempt has ended, however. */
  async start(): Promise<void> {
    this.step({ kind: 'start' })
    await Promise.all(this.underWay)
  }

  /** The instance is different from now on, or is to have a stamp above `after`. */
  changed(after?: EpochMs): void {
    this.step({ kind: 'changed', after })
  }

  /** Resolves when no registration, heartbeat or cancellation is in the air. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay)
  }

  /** Ends the lease. Resolves when the cancellation, if there is to be one, was answered. */
  async stop(deregister: boolean): Promise<void> {
    const isOver = new Promise<void>((resolve) => (this.left = resolve))
    this.step({ kind: 'stop', deregister })
    if (this.underWay.size === 0) this.left?.()
    await isOver
  }

  private step(event: LeaseEvent): void {
    const { clock, random, lease } = this.options
    const moment = { now: clock.now(), epochNow: clock.epochNow(), random }
    const { state, effects } = stepLease(this.state, event, moment, lease)
    this.state = state
    for (const effect of effects) this.perform(effect)
  }

  private perform(effect: LeaseEffect): void {
    switch (effect.kind) {
      case 'wake':
        this.wakeAt(effect.at)
        return
      case 'sleep':
        this.timer?.()
        this.timer = undefined
        return
      case 'register':
        this.run(this.register(effect.stamp))
        return
      case 'heartbeat':
        this.run(this.beat(effect.stamp))
        return
      case 'cancel':
        this.run(this.cancel())
    }
  }

  private wakeAt(at: MonotonicMs): void {
    this.timer?.()
    const wake = (): void => {
      this.timer = undefined
      this.step({ kind: 'due' })
    }
    this.timer = outsideOfCalls(() => this.options.clock.schedule(at, wake, { background: true }))
  }

  private run(work: Promise<void>): void {
    this.underWay.add(work)
    // None of them rejects.
    void work.then(() => {
      this.underWay.delete(work)
      if (this.state.stage === 'left' && this.underWay.size === 0) this.left?.()
    })
  }

  private async register(stamp: number): Promise<void> {
    const { instance, clock } = this.options
    const again = this.state.acceptedStamp !== undefined || this.counts.registrations > 0
    try {
      await this.send(registerRequest(instance.stamped(stamp, clock.epochNow())))
    } catch (error) {
      this.failed('register', error)
      this.step({ kind: 'register-failed', ...failureOf(error) })
      return
    }
    this.counts.registrations++
    this.heartbeatAt = clock.now()
    this.step({ kind: 'registered' })
    this.options.onEnd({ kind: 'registered', again })
  }

  private async beat(stamp: number): Promise<void> {
    const { instance, clock, onEnd } = this.options
    const { app, instanceId, status, overriddenStatus } = instance.info
    const request = heartbeatRequest({ app, instanceId, status, overriddenStatus, lastDirtyTimestamp: stamp })
    let answer: Answer<never>
    try {
      answer = await this.send(request)
    } catch (error) {
      this.counts.heartbeats.failure++
      this.failed('heartbeat', error)
      this.step({ kind: 'heartbeat-failed' })
      return
    }
    const ok = answer.verdict !== 'unknown-instance'
    this.counts.heartbeats[ok ? 'success' : 'unknown']++
    if (ok) this.heartbeatAt = clock.now()
    this.step({ kind: ok ? 'renewed' : 'unknown-instance' })
    onEnd({ kind: 'heartbeat', ok, status: answer.status })
  }

  private async cancel(): Promise<void> {
    const { transport, instance, cancelWithinMs } = this.options
    try {
      await transport.send('registration', cancelRequest(instance.info), undefined, cancelWithinMs)
      this.options.onEnd({ kind: 'cancelled' })
    } catch (error) {
      this.failed('cancel', error)
    }
  }

  private send(request: EurekaRequest): Promise<Answer<never>> {
    return this.options.transport.send<never>('registration', request)
  }

  private failed(operation: 'register' | 'heartbeat' | 'cancel', error: unknown): void {
    if (isRegistryFault(error, 'STOPPED')) return
    this.options.onEnd({ kind: 'failed', operation, error: inOurWords(error) })
  }
}

function failureOf(error: unknown): RegistrationFailure {
  if (!(error instanceof RegistryError)) return { isRefused: false }
  // Bad data: no server will ever take it.
  return { isRefused: error.answered === 400, retryAfterMs: error.retryAfterMs }
}

function inOurWords(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error
  return new RegistryError('the request could not be made', { code: 'ERR_REGISTRY_REQUEST', cause: error })
}
