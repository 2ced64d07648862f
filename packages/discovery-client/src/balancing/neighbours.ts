/** What a balancer can know of other clients of the same service, from the source: how many there are in each zone, and its own place among them. */
import type { Instance } from '../instance.js'
import { beginAll, followSource } from '../sources/watching.js'
import type { ResolvedBalancer } from './balancer-options.js'
import type { Seat } from './core/subset.js'
import type { Fleet } from './fleet.js'

/** Where reports say that a source has done what it must not. */
export const REPORTED_AS = 'source of a balancer'

/** Tells the fleet now and with every change, and then whoever may have waited for one; returns the function that ends it. */
export function watchNeighbours(
  { source, zone, subset }: ResolvedBalancer,
  fleet: Fleet,
  onChange: () => void,
): () => void {
  const begins: (() => () => void)[] = []
  const follow = (service: string, tell: (instances: readonly Instance[]) => void): void => {
    begins.push(() =>
      followSource({ source, service, where: REPORTED_AS }, ({ instances }) => {
        tell(instances.filter(({ status }) => status === 'UP'))
        onChange()
      }),
    )
  }
  const clients = zone?.clients
  if (typeof clients === 'string') follow(clients, (instances) => fleet.takeClients(countByZone(instances)))
  else if (clients !== undefined) fleet.takeClients(clients)
  const peers = subset?.peers
  if (typeof peers === 'string')
    follow(peers, (instances) => fleet.takeSeat(seatOf(subset?.clientId, instances)))
  else if (peers !== undefined) fleet.takeSeat(peers)
  return beginAll(begins)
}

function countByZone(instances: readonly Instance[]): ReadonlyMap<string, number> {
  const zones = Map.groupBy(instances, ({ zone }) => zone ?? '')
  return new Map([...zones].map(([zone, { length }]) => [zone, length]))
}

/** None for a client that is not among the instances (yet): it has to do without. */
function seatOf(clientId: string | undefined, instances: readonly Instance[]): Seat | undefined {
  const ids = instances.map(({ id }) => id).sort()
  const index = ids.findIndex((id) => id === clientId)
  return index === -1 ? undefined : { index, count: ids.length }
}
