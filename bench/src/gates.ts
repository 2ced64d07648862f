// Reads `gates.json`: the limits our own numbers are held to, kept as data so that changing one is a visible change of one line.

import gatesFile from '../gates.json' with { type: 'json' }

/** Largest allowed median by metric name, both ends included. */
export type Limits = Readonly<Record<string, number>>

/** A target against one peer, or against the `best` of all peers in the group. `metric` is `ratio` unless said. */
export interface PeerTarget {
  readonly peer: string
  readonly of: number
  readonly metric?: string
}

/** What one group is held to. `line` is where the numbers come from. */
export interface Gate {
  readonly line: string
  readonly gate: Limits
  readonly moonshot: Limits
  readonly peers: readonly PeerTarget[]
  /** Shares of a peer that belong to the gate itself. */
  readonly beside?: readonly PeerTarget[]
  /** The Node major that gate and moonshot are for; on any other nothing is judged. */
  readonly node?: number
}

const RUNNING_MAJOR = Number.parseInt(process.versions.node, 10)

/** The limits of a group. Throws when the file does not know it, so that no group runs unjudged. */
export function gateOf(group: string, nodeMajor: number = RUNNING_MAJOR): Gate {
  const groups: Readonly<Record<string, Gate | undefined>> = gatesFile.groups
  const gate = groups[group]
  if (gate === undefined) throw new Error(`gates.json says nothing about ${group}`)
  const isForAnother = gate.node !== undefined && gate.node !== nodeMajor
  if (isForAnother) return { ...gate, gate: {}, moonshot: {} }
  const wider: Readonly<Record<string, number | undefined>> = gatesFile.ratiosOnNode
  const factor = wider[nodeMajor]
  if (factor === undefined) return gate
  return { ...gate, gate: widened(gate.gate, factor), moonshot: widened(gate.moonshot, factor) }
}

function widened(limits: Limits, factor: number): Limits {
  const { ratio } = limits
  return ratio === undefined ? limits : { ...limits, ratio: Math.round(ratio * factor * 100) / 100 }
}
