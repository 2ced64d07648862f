/** The peers of a server: each change that did not come from one of them goes to all of them. */
import type { Replication } from './core/replication.js'
import type { ServerState } from './core/server-state.js'
import { PeerLink } from './peer-link.js'
import type { ServerTime } from './server-time.js'

export class Peers {
  private readonly time: ServerTime
  private readonly stateNow: () => ServerState
  private links: readonly PeerLink[] = []

  constructor(time: ServerTime, stateNow: () => ServerState) {
    this.time = time
    this.stateNow = stateNow
  }

  /** Replaces the peers; what waits for the former ones is forgotten. */
  set(urls: readonly string[]): void {
    for (const link of this.links) link.close()
    this.links = urls.map((url) => new PeerLink(url, this.time, this.stateNow))
  }

  // A property, so that it can be passed on without its object.
  readonly tell = (change: Replication): void => {
    for (const link of this.links) link.send(change)
  }
}
