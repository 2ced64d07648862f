/** Embedded servers of one test, ended together. */
import type { SimClock } from '../sim-clock.js'
import { EmbeddedEureka } from './embedded-eureka.js'
import type { EmbeddedEurekaOptions } from './eureka-options.js'

export class EurekaLab {
  private servers: EmbeddedEureka[] = []

  // Properties, so that they can be passed on without their object.
  readonly start = async (options?: EmbeddedEurekaOptions): Promise<EmbeddedEureka> => {
    const server = await EmbeddedEureka.start(options)
    this.servers.push(server)
    return server
  }

  readonly startPair = async (options?: EmbeddedEurekaOptions): Promise<[EmbeddedEureka, EmbeddedEureka]> => {
    const pair = await EmbeddedEureka.startPair(options)
    this.servers.push(...pair)
    return pair
  }

  readonly close = async (): Promise<void> => {
    const servers = this.servers
    this.servers = []
    await Promise.all(servers.map((server) => server.stop()))
  }
}

/** Lets the batches that wait go out, and their answers come in. */
export async function replicate(clock: SimClock, peer: EmbeddedEureka, delayMs = 500): Promise<void> {
  const before = batches(peer)
  await clock.advance(delayMs)
  for (let turn = 0; turn < 10_000 && batches(peer) === before; turn++)
    await new Promise((resolve) => setImmediate(resolve))
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Batches that it has answered. */
export function batches(peer: EmbeddedEureka): number {
  return peer.requests.filter(({ route, status }) => route === 'replication' && status !== undefined).length
}
