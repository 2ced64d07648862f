// The thirty conformance scenarios of the Eureka protocol. Those with a `run` are told on the wire alone, to any server;
// the others say what they need that a URL cannot give.
import * as lifecycle from './scenarios/lifecycle.ts'
import * as lists from './scenarios/lists.ts'
import * as status from './scenarios/status.ts'
import type { Lab } from './lab.ts'

/** What a scenario needs beyond a server. */
export type Need =
  'a client' | 'the Java client' | 'a fault proxy' | 'control of the server' | 'a second server'

export interface Scenario {
  readonly number: number
  readonly title: string
  /** What it needs; of those with a `run`, to run at all. */
  readonly needs?: Need
  readonly run?: (lab: Lab) => Promise<void>
}

const CLIENT = 'a client'
const JAVA = 'the Java client'
const PROXY = 'a fault proxy'
const CONTROL = 'control of the server'
const PEER = 'a second server'

export const SCENARIOS: readonly Scenario[] = [
  { number: 1, title: 'registers a minimal and a full instance', run: lifecycle.registersMinimalAndFull },
  { number: 2, title: 'is read by the Java client', needs: JAVA },
  { number: 3, title: 'reads what the Java client registers', needs: JAVA },
  { number: 4, title: 'registers within a second of its start', needs: CLIENT },
  {
    number: 5,
    title: 'keeps a lease by heartbeats, and loses it without',
    run: lifecycle.keepsALeaseByHeartbeats,
  },
  { number: 6, title: 'cancels, also twice', run: lifecycle.cancels },
  { number: 7, title: 'registers again after a restart of the server', needs: CONTROL },
  {
    number: 8,
    title: 'registers again what was deleted behind its back',
    run: lifecycle.answersALostInstanceWith404,
  },
  { number: 9, title: 'registers again whatever the body of the 404', needs: PROXY },
  { number: 10, title: 'changes metadata by a higher dirty stamp', run: lifecycle.takesNewMetadata },
  { number: 11, title: 'changes nothing by a lower dirty stamp', run: lifecycle.throwsOlderDataAway },
  { number: 12, title: 'overrides a status and takes that back', run: status.overridesAndTakesBack },
  { number: 13, title: 'keeps an override through registrations', run: status.keepsAnOverride },
  { number: 14, title: 'follows its health', needs: CLIENT },
  { number: 15, title: 'has by deltas what the full list says', run: lists.patchesByDeltas },
  { number: 16, title: 'fetches in full, once, after a delta that forgot', needs: CONTROL },
  { number: 17, title: 'lives without deltas, and through a cold start', needs: CONTROL },
  { number: 18, title: 'finds on one peer what another was told', needs: PEER, run: lifecycle.replicates },
  { number: 19, title: 'finds the one of four servers that works', needs: PROXY },
  { number: 20, title: 'spreads over servers by sessions', needs: PROXY },
  { number: 21, title: 'follows redirects, but not for ever', needs: PROXY },
  { number: 22, title: 'orders servers by zone, and finds them by DNS', needs: CLIENT },
  { number: 23, title: 'looks up by application, VIP, secure VIP and id', run: lists.looksUp },
  { number: 24, title: 'reads every form of an answer', run: lists.answersInEveryForm },
  { number: 25, title: 'finds odd ids and keeps odd metadata', run: lists.findsOddIds },
  { number: 26, title: 'follows ten thousand instances', needs: CLIENT },
  { number: 27, title: 'starts while all servers are down', needs: PROXY },
  { number: 28, title: 'survives a list that shrinks', needs: PROXY },
  { number: 29, title: 'agrees with the Java client for minutes', needs: JAVA },
  { number: 30, title: 'authenticates, also by TLS', needs: PROXY },
]
