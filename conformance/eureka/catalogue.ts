// The thirty conformance scenarios of the Eureka protocol. `wire` tells a server's side of one by raw requests, `client`
// what our client makes of it; each says what it needs that a URL cannot give.
import * as byJava from './scenarios/by-java.ts'
import * as clientLease from './scenarios/client-lease.ts'
import * as clientLists from './scenarios/client-lists.ts'
import * as clientLookups from './scenarios/client-lookups.ts'
import * as clientStatus from './scenarios/client-status.ts'
import * as credentials from './scenarios/credentials.ts'
import * as large from './scenarios/large.ts'
import * as lifecycle from './scenarios/lifecycle.ts'
import * as lists from './scenarios/lists.ts'
import * as outages from './scenarios/outages.ts'
import * as severalServers from './scenarios/several-servers.ts'
import * as status from './scenarios/status.ts'
import type { Lab } from './lab.ts'

/** What a part of a scenario needs beyond a server. */
export type Need =
  | 'the Java client'
  | 'control of the server'
  | 'a second server'
  | 'a server in a process of its own'
  | 'openssl'

export interface Part {
  readonly run: (lab: Lab) => Promise<void>
  readonly needs?: readonly Need[]
}

export interface Scenario {
  readonly number: number
  readonly title: string
  /** Looks at all that is registered, at the time that it takes, or ends the server: no other may run meanwhile. */
  readonly alone?: true
  readonly wire?: Part
  readonly client?: Part
}

const JAVA = 'the Java client'
const CONTROL = 'control of the server'
const PEER = 'a second server'
const APART = 'a server in a process of its own'

function part(run: Part['run'], ...needs: Need[]): Part {
  return { run, needs }
}

export const SCENARIOS: readonly Scenario[] = [
  {
    number: 1,
    title: 'registers a minimal and a full instance',
    wire: part(lifecycle.registersMinimalAndFull),
    client: part(clientLease.registersMinimalAndFull),
  },
  { number: 2, title: 'is read by the Java client', client: part(byJava.isReadByJava, JAVA) },
  {
    number: 3,
    title: 'reads what the Java client registers',
    client: part(byJava.readsWhatJavaRegisters, JAVA),
  },
  {
    number: 4,
    title: 'registers within a second of its start',
    alone: true,
    client: part(clientLease.registersAtOnce),
  },
  {
    number: 5,
    title: 'keeps a lease by heartbeats, and loses it without',
    wire: part(lifecycle.keepsALeaseByHeartbeats),
    client: part(clientLease.keepsItsLease),
  },
  {
    number: 6,
    title: 'cancels, also twice',
    wire: part(lifecycle.cancels),
    client: part(clientLease.cancelsOnce),
  },
  {
    number: 7,
    title: 'registers again after a restart of the server',
    alone: true,
    client: part(clientLease.survivesARestart, CONTROL),
  },
  {
    number: 8,
    title: 'registers again what was deleted behind its back',
    wire: part(lifecycle.answersALostInstanceWith404),
    client: part(clientLease.comesBackAfterADeletion),
  },
  {
    number: 9,
    title: 'registers again whatever the body of the 404',
    client: part(clientLease.comesBackAfterAny404),
  },
  {
    number: 10,
    title: 'changes metadata by a higher dirty stamp',
    wire: part(lifecycle.takesNewMetadata),
    client: part(clientStatus.changesMetadata),
  },
  {
    number: 11,
    title: 'changes nothing by a lower dirty stamp',
    wire: part(lifecycle.throwsOlderDataAway),
    client: part(clientStatus.survivesAClockSetBack),
  },
  {
    number: 12,
    title: 'overrides a status and takes that back',
    wire: part(status.overridesAndTakesBack),
    client: part(clientStatus.hearsOfOverrides),
  },
  {
    number: 13,
    title: 'keeps an override through registrations',
    wire: part(status.keepsAnOverride),
    client: part(clientStatus.staysOutOfService),
  },
  { number: 14, title: 'follows its health', client: part(clientStatus.followsItsHealth) },
  {
    number: 15,
    title: 'has by deltas what the full list says',
    alone: true,
    wire: part(lists.patchesByDeltas),
    client: part(clientLists.followsByDeltas),
  },
  {
    number: 16,
    title: 'fetches in full, once, after a delta that forgot',
    alone: true,
    client: part(clientLists.fetchesInFullOnce, CONTROL),
  },
  {
    number: 17,
    title: 'lives without deltas, and through a cold start',
    client: part(clientLists.livesWithoutDeltas, CONTROL),
  },
  {
    number: 18,
    title: 'finds on one peer what another was told',
    wire: part(lifecycle.replicates, PEER),
    client: part(severalServers.goesOverToThePeer, CONTROL),
  },
  {
    number: 19,
    title: 'finds the one of four servers that works',
    client: part(severalServers.findsTheOneThatWorks),
  },
  { number: 20, title: 'spreads over servers by sessions', client: part(severalServers.spreadsBySessions) },
  { number: 21, title: 'follows redirects, but not for ever', client: part(severalServers.followsRedirects) },
  {
    number: 22,
    title: 'orders servers by zone, and finds them by DNS',
    client: part(severalServers.ordersByZoneAndFindsByDns),
  },
  {
    number: 23,
    title: 'looks up by application, VIP, secure VIP and id',
    wire: part(lists.looksUp),
    client: part(clientLookups.looksUp),
  },
  {
    number: 24,
    title: 'reads every form of an answer',
    wire: part(lists.answersInEveryForm),
    client: part(clientLookups.readsEveryForm),
  },
  {
    number: 25,
    title: 'finds odd ids and keeps odd metadata',
    wire: part(lists.findsOddIds),
    client: part(clientLookups.registersOddIds),
  },
  {
    number: 26,
    title: 'follows ten thousand instances',
    alone: true,
    client: part(large.followsTenThousand, CONTROL, APART),
  },
  { number: 27, title: 'starts while all servers are down', client: part(outages.startsWithoutServers) },
  {
    number: 28,
    title: 'survives a list that shrinks',
    alone: true,
    client: part(outages.survivesAShrunkenList),
  },
  {
    number: 29,
    title: 'agrees with the Java client for minutes',
    alone: true,
    client: part(byJava.agreesWithJava, JAVA),
  },
  { number: 30, title: 'authenticates, also by TLS', client: part(credentials.authenticates, 'openssl') },
]
