/**
 * One handler that goes through everything in which a request could get lost, behind real servers.
 */
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Bulkhead, constant, Retry, Timeout } from '@breakwater/breaker'
import { currentRequestScope, pipeline, RequestVariable } from '@breakwater/kernel'
import { RequestCache } from '../cache/request-cache.js'
import { createCollapser } from '../collapser/collapser.js'
import type { Collapser } from '../collapser/collapser.js'
import { Fallback } from '../fallback.js'

/** Whose request it is: set at its beginning, asked for at each place. */
const visitor: RequestVariable<{ name: string }> = new RequestVariable({
  create: () => ({ name: 'nobody' }),
})

const here = (): string => (currentRequestScope() === undefined ? 'no request' : visitor.get().name)
const never = (): Promise<never> => new Promise(() => undefined)

/** What of a service is shared by all requests, and so mixes them up if it can. */
export class Service {
  readonly batches: (readonly string[])[] = []
  private readonly oneAtATime = new Bulkhead({ limit: 1, queue: { limit: 100 } })
  private readonly slow = pipeline(new Fallback({ chain: [here], limit: 100 }), new Timeout({ timeoutMs: 3 }))
  private readonly retry = new Retry({ maxRetries: 1, backoff: constant({ ms: 2 }) })
  private readonly cache = new RequestCache()
  private readonly collapser: Collapser<string, string> = createCollapser({
    windowMs: 3,
    batch: (requests: readonly string[]) => {
      this.batches.push(requests)
      return requests.map(here)
    },
  })

  /** Where in the handler who was thought to ask. */
  async handle(name: string): Promise<Record<string, string>> {
    visitor.get().name = name
    const seen: Record<string, string> = {}
    await sleep(1)
    seen['after a timer'] = here()
    seen['after the queue of a bulkhead'] = await this.oneAtATime.execute(async () => {
      const before = here()
      await sleep(2)
      return before
    })
    const [first, second] = await Promise.all([
      this.collapser.load(`${name} 1`),
      this.collapser.load(`${name} 2`),
    ])
    seen['in a batch'] = `${first} ${second}`
    seen['in a fallback after a timeout'] = await this.slow.execute(never)
    seen['in a retry after a wait'] = await this.retry.execute(({ attempt }) => {
      if (attempt === 1) throw new Error('once more')
      return here()
    })
    seen['in a cache'] = await this.cache.load('name', here)
    seen['in the cache again'] = await this.cache.load('name', () => 'not asked')
    return seen
  }
}

/** Serves on a free port of this host for as long as `use` takes. */
export async function serving(listener: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await use(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

export const nameOf = (req: IncomingMessage): string => (req.url ?? '').slice(1)

export function answer(res: ServerResponse, body: unknown): void {
  res.setHeader('content-type', 'application/json')
  res.end(JSON.stringify(body))
}

/** What everybody should have been told: his own name, everywhere. */
export const ownNameEverywhere = (name: string): Record<string, string> => ({
  'after a timer': name,
  'after the queue of a bulkhead': name,
  'in a batch': `${name} ${name}`,
  'in a fallback after a timeout': name,
  'in a retry after a wait': name,
  'in a cache': name,
  'in the cache again': name,
})

export const NAMES: readonly string[] = ['ann', 'bob', 'cid', 'dot', 'eve', 'fay']

/** What each visitor gets; all come at once. */
export async function visit(url: string): Promise<unknown[]> {
  return Promise.all(
    NAMES.map(async (name) => {
      const response = await fetch(`${url}/${name}`)
      return response.json()
    }),
  )
}
