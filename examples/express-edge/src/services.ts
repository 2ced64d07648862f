// The upstreams of the demo: for each command a service with two instances, each a process of its own.

import { byCommand, COMMANDS } from './tally.ts'
import type { CommandName } from './tally.ts'
import { freePort } from './free-port.ts'

export interface Place {
  readonly command: CommandName
  readonly service: string
  readonly id: string
  readonly port: number
  readonly zone: string
}

export type Places = Readonly<Record<CommandName, readonly Place[]>>

/** Of each upstream one instance is in each zone. */
const ZONES: readonly string[] = ['a', 'b']

/** Where everybody will be. `prefix` keeps services apart from others in a registry that is not ours. */
export async function findPlaces(prefix: string): Promise<Places> {
  const places = byCommand((): Place[] => [])
  const ports: number[] = []
  for (const command of COMMANDS) {
    const service = `${prefix}${command}`
    for (const [index, zone] of ZONES.entries()) {
      const port = await freePort(ports)
      ports.push(port)
      places[command].push({ command, service, id: `${service}-${String(index + 1)}`, port, zone })
    }
  }
  return places
}

/** What the edge service has to be told. */
export function edgeEnvironment(places: Places, eurekaUrl: string): Record<string, string> {
  const serviceOf = (command: CommandName): string => places[command][0]?.service ?? ''
  return {
    PORT: '0',
    EUREKA_URL: eurekaUrl,
    USERS: serviceOf('users'),
    ORDERS: serviceOf('orders'),
    PRICES: serviceOf('prices'),
  }
}

/** The ids by command. */
export function idsOf(places: Places): Record<CommandName, readonly string[]> {
  return byCommand((command) => places[command].map(({ id }) => id))
}
