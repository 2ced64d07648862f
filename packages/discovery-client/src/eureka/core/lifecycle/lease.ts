/**
 * When to register, renew and cancel, as a state machine: events in, effects out. Java registers only when its first heartbeat is
 * refused, may have two registrations in the air, and forgets changes made meanwhile (Netflix/eureka#1174). Here registration is the
 * first thing sent, at most one registration and one heartbeat are in the air, and whatever changed after a registration was sent is sent
 * again.
 */
import type { EpochMs, MonotonicMs, Random } from '@breakwater/kernel'
import { nextDirtyStamp } from './dirty-stamp.js'
import { periodMs, registrationDelayMs } from './schedule.js'
import type { RegistrationFailure } from './schedule.js'
import { afterSending, fullBucket, takeToken } from './token-bucket.js'
import type { Bucket, BucketOptions } from './token-bucket.js'

export interface LeaseOptions {
  readonly renewalIntervalMs: number
  /** How many intervals to wait after a registration that was refused for good. */
  readonly backOffBound: number
  /** Limits registrations that changes cause. */
  readonly onDemand: BucketOptions
}

interface AnyLease {
  /** Of the newest state that a server took. */
  readonly acceptedStamp: EpochMs | undefined
  /** The heartbeat in the air. Stale: a registration went out after it, so a 404 says nothing new. */
  readonly beating: { readonly since: MonotonicMs; readonly isStale: boolean } | undefined
  /** Whether a server may have heard of us. */
  readonly mayBeKnown: boolean
  /** Failed requests in a row. */
  readonly failures: number
  readonly wakeAt: MonotonicMs | undefined
}

interface RestingLease extends AnyLease {
  readonly stage: 'idle' | 'left'
  readonly dirtyStamp: EpochMs | undefined
  readonly registering: undefined
}

interface ActiveLease extends AnyLease {
  /** `leaving`: a registration is in the air, which must land before it can be cancelled. */
  readonly stage: 'running' | 'leaving'
  /** Of the instance as it is now. */
  readonly dirtyStamp: EpochMs
  /** Of the state in the registration that is in the air. */
  readonly registering: EpochMs | undefined
  readonly bucket: Bucket
}

export type LeaseState = RestingLease | ActiveLease

export type LeaseEvent =
  | { readonly kind: 'start' }
  /** Status, metadata, address or lease of the instance changed; or a server has it with a later stamp, `after`. */
  | { readonly kind: 'changed'; readonly after?: EpochMs | undefined }
  /** The time of the last `wake` has come. */
  | { readonly kind: 'due' }
  | { readonly kind: 'registered' }
  | ({ readonly kind: 'register-failed' } & RegistrationFailure)
  | { readonly kind: 'renewed' }
  /** A heartbeat's 404. */
  | { readonly kind: 'unknown-instance' }
  | { readonly kind: 'heartbeat-failed' }
  /** `deregister: false` leaves the lease to run out. */
  | { readonly kind: 'stop'; readonly deregister: boolean }

export type LeaseEffect =
  /** Send the instance as it is now, with this stamp. */
  | { readonly kind: 'register'; readonly stamp: EpochMs }
  | { readonly kind: 'heartbeat'; readonly stamp: EpochMs }
  | { readonly kind: 'cancel' }
  /** Arm the one timer, in place of what it was armed for. */
  | { readonly kind: 'wake'; readonly at: MonotonicMs }
  | { readonly kind: 'sleep' }

export interface Moment {
  readonly now: MonotonicMs
  readonly epochNow: EpochMs
  readonly random: Random
}

export interface LeaseStep {
  readonly state: LeaseState
  readonly effects: readonly LeaseEffect[]
}

export const NO_LEASE: RestingLease = Object.freeze({
  stage: 'idle',
  dirtyStamp: undefined,
  acceptedStamp: undefined,
  registering: undefined,
  beating: undefined,
  mayBeKnown: false,
  failures: 0,
  wakeAt: undefined,
})

/** Takes one event. Events that no longer matter change nothing. */
export function stepLease(
  state: LeaseState,
  event: LeaseEvent,
  moment: Moment,
  options: LeaseOptions,
): LeaseStep {
  const context = { moment, options }
  switch (event.kind) {
    case 'start':
      return start(state, context)
    case 'changed':
      return change(state, event.after, context)
    case 'due':
      return state.stage === 'running' ? wakeUp({ ...state, wakeAt: undefined }, context) : stay(state)
    case 'registered':
    case 'register-failed':
      return landRegistration(state, event, context)
    case 'renewed':
    case 'unknown-instance':
    case 'heartbeat-failed':
      return landHeartbeat(state, event.kind, context)
    case 'stop':
      return stop(state, event.deregister)
  }
}

/** Whether the server does not have the present state yet. */
export function isDirty({ dirtyStamp, acceptedStamp }: LeaseState): boolean {
  return dirtyStamp !== acceptedStamp
}

type HeartbeatEnd = 'renewed' | 'unknown-instance' | 'heartbeat-failed'

interface Context {
  readonly moment: Moment
  readonly options: LeaseOptions
}

function start(state: LeaseState, context: Context): LeaseStep {
  if (state.stage === 'running' || state.stage === 'leaving') return stay(state)
  const { moment, options } = context
  const dirtyStamp = nextDirtyStamp(state.dirtyStamp, moment.epochNow)
  const bucket = fullBucket(options.onDemand, moment.now)
  return register({ ...NO_LEASE, stage: 'running', dirtyStamp, bucket }, context)
}

function change(state: LeaseState, after: EpochMs = 0, context: Context): LeaseStep {
  const dirtyStamp = nextDirtyStamp(Math.max(after, state.dirtyStamp ?? 0), context.moment.epochNow)
  return state.stage === 'running' && state.registering === undefined
    ? registerOnDemand({ ...state, dirtyStamp }, context)
    : stay({ ...state, dirtyStamp })
}

function wakeUp(state: ActiveLease, context: Context): LeaseStep {
  if (state.registering !== undefined) return stay(state)
  if (isDirty(state)) return register(state, context)
  if (state.beating !== undefined) return stay(state)
  const beating = { since: context.moment.now, isStale: false }
  return { state: { ...state, beating }, effects: [{ kind: 'heartbeat', stamp: state.dirtyStamp }] }
}

function landRegistration(
  state: LeaseState,
  event: LeaseEvent & { readonly kind: 'registered' | 'register-failed' },
  context: Context,
): LeaseStep {
  if (state.registering === undefined) return stay(state)
  const { registering, stage } = state
  const landed = { ...state, registering: undefined }
  if (stage === 'leaving') return leave(landed)
  const { moment, options } = context
  if (event.kind === 'registered') {
    const accepted = { ...landed, acceptedStamp: registering, failures: 0 }
    return isDirty(accepted)
      ? registerOnDemand(accepted, context)
      : wake(accepted, moment.now + periodMs(options.renewalIntervalMs, moment.random))
  }
  const failures = state.failures + 1
  // What was refused has changed meanwhile: the new state may be better.
  if (event.isRefused && state.dirtyStamp !== registering) {
    return registerOnDemand({ ...landed, failures }, context)
  }
  const delayMs = registrationDelayMs(event, failures, options, moment.random)
  return wake({ ...landed, failures }, moment.now + delayMs)
}

function landHeartbeat(state: LeaseState, kind: HeartbeatEnd, context: Context): LeaseStep {
  const { moment, options } = context
  const { beating } = state
  if (beating === undefined) return stay(state)
  // The registration in the air, or the one that has landed since, decides what comes next.
  if (state.stage !== 'running' || state.registering !== undefined)
    return stay({ ...state, beating: undefined })
  const landed = { ...state, beating: undefined }
  if (kind === 'unknown-instance' && !beating.isStale) {
    const dirtyStamp = nextDirtyStamp(state.dirtyStamp, moment.epochNow)
    return register({ ...landed, dirtyStamp, acceptedStamp: undefined }, context)
  }
  // A change waits for its token, or a retry is planned: the timer is armed for that.
  if (state.wakeAt !== undefined) return stay(landed)
  // From start to start, so that slow answers do not stretch the period. A failed heartbeat is not repeated earlier: a lease
  // outlives two of them, and a server that comes back is met by the usual load, not by everybody at once (E10).
  const at = beating.since + periodMs(options.renewalIntervalMs, moment.random)
  const failures = kind === 'renewed' ? 0 : state.failures + 1
  return wake({ ...landed, failures }, Math.max(moment.now, at))
}

function stop(state: LeaseState, deregister: boolean): LeaseStep {
  if (state.stage === 'idle') return stay({ ...state, stage: 'left' })
  if (state.stage !== 'running') return stay(state)
  const asleep = { ...state, wakeAt: undefined, mayBeKnown: state.mayBeKnown && deregister }
  if (state.registering !== undefined && deregister) {
    return { state: { ...asleep, stage: 'leaving' }, effects: [{ kind: 'sleep' }] }
  }
  const { state: left, effects } = leave(asleep)
  return { state: left, effects: [{ kind: 'sleep' }, ...effects] }
}

function leave(state: ActiveLease): LeaseStep {
  const effects: LeaseEffect[] = state.mayBeKnown ? [{ kind: 'cancel' }] : []
  return { state: { ...state, stage: 'left', registering: undefined, mayBeKnown: false }, effects }
}

function register(state: ActiveLease, { moment, options }: Context): LeaseStep {
  const { beating, dirtyStamp: stamp } = state
  const bucket = afterSending(state.bucket, options.onDemand, moment.now)
  const stale = beating && { ...beating, isStale: true }
  return {
    state: { ...state, bucket, registering: stamp, beating: stale, mayBeKnown: true, wakeAt: undefined },
    effects: [{ kind: 'sleep' }, { kind: 'register', stamp }],
  }
}

/** Registers at once if there is a token, else when the next one comes. */
function registerOnDemand(state: ActiveLease, context: Context): LeaseStep {
  const { now } = context.moment
  const answer = takeToken(state.bucket, context.options.onDemand, now)
  const charged = { ...state, bucket: answer.bucket }
  if (answer.isGranted) return register(charged, context)
  const at = now + answer.waitMs
  return wake(charged, state.wakeAt === undefined ? at : Math.min(state.wakeAt, at))
}

function wake(state: ActiveLease, at: MonotonicMs): LeaseStep {
  return { state: { ...state, wakeAt: at }, effects: [{ kind: 'wake', at }] }
}

function stay(state: LeaseState): LeaseStep {
  return { state, effects: [] }
}
