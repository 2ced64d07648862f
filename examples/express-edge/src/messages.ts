// What the processes of the demo say to each other over their IPC channels.

import type { Tally } from './tally.ts'

/**
 * How an upstream behaves. `sluggish` answers fifteen times as late as usual, `slow` after a second, `failing` with 500, `frozen` accepts
 * and never answers.
 */
export type Behaviour = 'healthy' | 'sluggish' | 'slow' | 'failing' | 'frozen'

/** To an upstream: behave so from now on. It answers with the same message. */
interface Behave {
  readonly kind: 'behave'
  readonly behaviour: Behaviour
}

/** To an upstream: have this status from now on. It answers with the same message when the registry was told. */
interface HaveStatus {
  readonly kind: 'status'
  readonly status: 'UP' | 'OUT_OF_SERVICE'
}

export type UpstreamOrder = Behave | HaveStatus

/** To the load generator. It answers `stop` with its tally, once every request has ended. */
export type LoadOrder =
  { readonly kind: 'start'; readonly url: string; readonly ratePerSecond: number } | { readonly kind: 'stop' }

/** A process accepts connections, or orders. */
interface Listening {
  readonly kind: 'listening'
  readonly port: number
}

/** The load so far. */
export interface Progress {
  readonly kind: 'progress'
  readonly sent: number
  readonly answered: number
  readonly inFlight: number
  readonly late: number
}

interface FinalTally {
  readonly kind: 'tally'
  readonly tally: Tally
}

/** From any process: something that must not happen did. */
interface Incident {
  readonly kind: 'incident'
  readonly what: string
}

/** From any process, every second: how long its event loop stalled at most. */
interface LoopStall {
  readonly kind: 'stall'
  readonly maxMs: number
}

/** A breaker changed its state; `atMs` is Unix time. */
export interface StateChange {
  readonly kind: 'transition'
  readonly command: string
  readonly from: string
  readonly to: string
  readonly reason: string
  readonly atMs: number
}

export type Message = UpstreamOrder | Listening | Progress | FinalTally | Incident | LoopStall | StateChange
