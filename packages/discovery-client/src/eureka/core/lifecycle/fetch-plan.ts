/**
 * What to fetch next, and whose answer counts. A delta needs a registry to apply it to; a mismatch is answered with one full
 * fetch; an answer overtaken by a later one is thrown away (E3).
 */

export interface FetchOptions {
  readonly disableDelta: boolean
  /** Fetch a full answer after each delta, to log what differs. */
  readonly logDeltaDiff: boolean
  /** Fetch this VIP only, and never a delta. */
  readonly singleVip: string | undefined
}

/** What is known about past fetches; immutable. */
export interface FetchState {
  /** The number of the last fetch begun. */
  readonly begun: number
  /** The number of the last fetch whose answer is in use; 0 is none. */
  readonly applied: number
  /** The next fetch must be a full one: nothing is known, a hash did not match, regions changed, a registry is held back. */
  readonly needsFull: boolean
}

export type FetchKind = 'full' | 'delta' | 'vip'

/** One fetch: what to ask for, and its number. */
export interface FetchTicket {
  readonly kind: FetchKind
  readonly number: number
}

export const FIRST_FETCH: FetchState = Object.freeze({ begun: 0, applied: 0, needsFull: true })

/** Begins a fetch. A registry without any application has nothing to apply a delta to. */
export function beginFetch(
  state: FetchState,
  known: { readonly hasApplications: boolean },
  options: FetchOptions,
): { readonly state: FetchState; readonly ticket: FetchTicket } {
  const number = state.begun + 1
  const kind = kindOf(state.needsFull || !known.hasApplications, options)
  return { state: { ...state, begun: number }, ticket: { kind, number } }
}

/** Whether an answer may still be used: not when a later one is in use already. */
export function isCurrent(state: FetchState, ticket: FetchTicket): boolean {
  return ticket.number > state.applied
}

/** The answer of `ticket` is in use from now on. `needsFull` if the next must be full again. */
export function finishFetch(state: FetchState, ticket: FetchTicket, needsFull: boolean): FetchState {
  return { ...state, applied: Math.max(state.applied, ticket.number), needsFull }
}

/** The next fetch must be full: regions changed, or a registry is held back by the shrink guard. */
export function forceFull(state: FetchState): FetchState {
  return state.needsFull ? state : { ...state, needsFull: true }
}

/** What follows an applied delta. */
export function afterDeltaApplied(
  result: { readonly isConsistent: boolean },
  options: FetchOptions,
): 'done' | 'full-now' {
  return result.isConsistent && !options.logDeltaDiff ? 'done' : 'full-now'
}

function kindOf(mustBeFull: boolean, { disableDelta, singleVip }: FetchOptions): FetchKind {
  if (singleVip !== undefined) return 'vip'
  return mustBeFull || disableDelta ? 'full' : 'delta'
}
