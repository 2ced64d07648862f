// Raw requests to a Eureka server: exactly the headers that a scenario says, so that the server is tested and no client.
import { Agent, request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { gunzipSync } from 'node:zlib'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Ask {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export type Fields = Readonly<Record<string, unknown>>

/** A list as it comes. */
export interface Applications {
  readonly versions__delta: string
  readonly apps__hashcode: string
  readonly application: readonly { readonly name: string; readonly instance: readonly Fields[] }[]
}

const TIMEOUT_MS = 10_000
const DECENT = { accept: 'application/json', 'accept-encoding': 'gzip', 'content-type': 'application/json' }

class StaleConnection extends Error {}

export class Wire {
  private readonly base: URL
  private readonly agent = new Agent({ keepAlive: true })

  constructor(url: string) {
    this.base = new URL(url.endsWith('/') ? url : `${url}/`)
  }

  /** Asks with the headers of a decent client, or with those given and no others. */
  ask(method: string, path: string, { headers = DECENT, body }: Ask = {}): Promise<Answer> {
    return this.send(method, path, { headers, body }).catch((error: unknown) => {
      // A kept connection may be one that the server has closed, also by its end; then nothing was asked yet.
      if (error instanceof StaleConnection) return this.send(method, path, { headers, body })
      throw error
    })
  }

  private send(method: string, path: string, { headers, body }: Required<Ask>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const url = new URL(path, this.base)
      const call = request(url, { method, headers, agent: this.agent, timeout: TIMEOUT_MS }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('error', reject)
        response.once('end', () => {
          const bytes = Buffer.concat(chunks)
          const isZipped = response.headers['content-encoding'] === 'gzip' && bytes.length > 0
          const text = (isZipped ? gunzipSync(bytes) : bytes).toString('utf8')
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
        })
      })
      call.once('timeout', () => call.destroy(new Error(`no answer to ${method} ${path}`)))
      call.once('error', (error) => {
        reject(call.reusedSocket ? new StaleConnection(error.message) : error)
      })
      call.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }

  /** The status of an answer. */
  async status(method: string, path: string, ask?: Ask): Promise<number> {
    return (await this.ask(method, path, ask)).status
  }

  async list(path: string): Promise<Applications> {
    const { text } = await this.ask('GET', path)
    return (JSON.parse(text) as { applications: Applications }).applications
  }

  async instance(path: string): Promise<Fields> {
    const { text } = await this.ask('GET', path)
    return (JSON.parse(text) as { instance: Fields }).instance
  }

  close(): void {
    this.agent.destroy()
  }
}
