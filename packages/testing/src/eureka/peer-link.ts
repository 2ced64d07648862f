/** Passes changes on to the peers of a server, in batches, as servers do: best effort, no order between peers. */
import { Agent, request } from 'node:http'
import type { Cancel } from '@breakwater/kernel'
import { reportInternalError } from '@breakwater/kernel'
import { followUp, wireReplication } from './core/replication.js'
import type { Replication } from './core/replication.js'
import type { ServerState } from './core/server-state.js'
import type { ServerTime } from './server-time.js'

const BATCH_DELAY_MS = 500
const MAX_WAITING = 10_000
const TIMEOUT_MS = 2_000

/** One direction: from this server to one peer. */
export class PeerLink {
  private readonly url: URL
  private readonly time: ServerTime
  private readonly stateNow: () => ServerState
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 })
  private waiting: Replication[] = []
  private cancelFlush: Cancel | undefined

  /** `stateNow` gives the state of the sending server, which a restart replaces. */
  constructor(peer: string, time: ServerTime, stateNow: () => ServerState) {
    this.url = new URL('peerreplication/batch/', peer.endsWith('/') ? peer : `${peer}/`)
    this.time = time
    this.stateNow = stateNow
  }

  send(change: Replication): void {
    if (this.waiting.length >= MAX_WAITING) this.waiting.shift()
    this.waiting.push(change)
    this.cancelFlush ??= this.time.after(BATCH_DELAY_MS, () => {
      this.flush()
    })
  }

  close(): void {
    this.cancelFlush?.()
    this.cancelFlush = undefined
    this.waiting = []
    this.agent.destroy()
  }

  private flush(): void {
    this.cancelFlush = undefined
    const batch = this.waiting
    this.waiting = []
    const state = this.stateNow()
    const replicationList = batch.map((change) => wireReplication(change, state))
    // A peer that cannot be reached misses the batch; the next heartbeats bring it up to date.
    this.post(JSON.stringify({ replicationList })).then(
      (answer) => {
        this.hear(batch, answer)
      },
      () => undefined,
    )
  }

  private hear(batch: readonly Replication[], answer: string): void {
    try {
      const { responseList } = JSON.parse(answer) as { responseList: readonly unknown[] }
      batch.forEach((change, index) => {
        const next = followUp(change, responseList[index], this.stateNow(), this.time.now())
        if (next !== undefined) this.send(next)
      })
    } catch (error) {
      reportInternalError(error, 'EmbeddedEureka: answer of a peer')
    }
  }

  private post(body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-netflix-discovery-replication': 'true',
        'discoveryidentity-name': 'DefaultServer',
      }
      const call = request(this.url, { method: 'POST', agent: this.agent, headers, timeout: TIMEOUT_MS })
      call.once('timeout', () => call.destroy(new Error('a peer does not answer')))
      call.once('error', reject)
      call.once('response', (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => (text += part))
        response.once('error', reject)
        response.once('end', () => {
          if (response.statusCode === 200) resolve(text)
          else reject(new Error('a peer refuses'))
        })
      })
      call.end(body)
    })
  }
}
