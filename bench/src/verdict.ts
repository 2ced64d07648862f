// Holds our numbers against `gates.json`. A gate is a promise and fails `npm run bench:gate`; a moonshot is what we would like to publish and only gets a distance.

import type { Gate, Limits, PeerTarget } from './gates.ts'
import type { Spread } from './statistics.ts'

/** Metrics of one library by name. */
export type Measured = Readonly<Record<string, Spread>>

type Peers = Readonly<Record<string, Measured>>

/** A limit with the number that was held against it. */
export interface Held {
  readonly metric: string
  /** The limit is a share of this peer's number. */
  readonly peer?: string
  readonly limit: number
  readonly value: number
  readonly held: boolean
}

/** Ours as a share of a peer, with the share aimed for. */
export interface PeerShare {
  readonly peer: string
  readonly metric: string
  readonly target: number
  readonly share: number
  readonly reached: boolean
}

/** How our entry of a group did. `moonshotAway` is 1 or less when it is reached: the worst value over its limit. */
export interface Verdict {
  readonly gate: readonly Held[]
  readonly gateHeld: boolean
  readonly moonshot: readonly Held[]
  readonly moonshotAway: number
  readonly peers: readonly PeerShare[]
}

/**
 * Judges medians. A metric that the limits name and the measurement lacks counts as missed: a call that needs a turn of the event loop
 * has no number of hops, and must not pass for that.
 */
export function judge(ours: Measured, gate: Gate, peers: Peers): Verdict {
  const held = [
    ...hold(ours, gate.gate),
    ...(gate.beside ?? []).map((target) => holdShare(ours, target, peers)),
  ]
  const moonshot = hold(ours, gate.moonshot)
  return {
    gate: held,
    gateHeld: held.every((one) => one.held),
    moonshot,
    moonshotAway: Math.max(0, ...moonshot.map(distance)),
    peers: gate.peers.flatMap((target) => shareOf(ours, target, peers) ?? []),
  }
}

function shareOf(
  ours: Measured,
  { peer, metric = 'ratio', of: target }: PeerTarget,
  peers: Peers,
): PeerShare | undefined {
  const theirs = peer === 'best' ? best(peers, metric) : valueOf(peers[peer], metric)
  const own = ours[metric]?.median
  // A difference to bare can come out at zero or below, of which there is no share.
  if (theirs === undefined || own === undefined || theirs <= 0) return undefined
  const share = own / theirs
  return { peer, metric, target, share, reached: share <= target }
}

/** A share as part of the gate: a peer that did not run leaves it missed, as a metric that was not measured does. */
function holdShare(ours: Measured, target: PeerTarget, peers: Peers): Held {
  const { peer, metric = 'ratio', of: limit } = target
  const value = shareOf(ours, target, peers)?.share ?? Number.POSITIVE_INFINITY
  return { metric, peer, limit, value, held: value <= limit }
}

function hold(ours: Measured, limits: Limits): Held[] {
  return Object.entries(limits).map(([metric, limit]) => {
    const value = ours[metric]?.median ?? Number.POSITIVE_INFINITY
    return { metric, limit, value, held: value <= limit }
  })
}

function distance({ value, limit }: Held): number {
  return value === 0 && limit === 0 ? 0 : value / limit
}

function best(peers: Peers, metric: string): number | undefined {
  const values = Object.values(peers).flatMap((peer) => valueOf(peer, metric) ?? [])
  return values.length === 0 ? undefined : Math.min(...values)
}

function valueOf(measured: Measured | undefined, metric: string): number | undefined {
  return measured?.[metric]?.median
}
