/** Embedded servers of one test, ended together. */
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
