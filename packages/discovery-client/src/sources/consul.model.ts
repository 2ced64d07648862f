/** A server that speaks as much of Consul's API as a source of instances needs, and whatever else a test wants it to say. */
import type { ServerResponse } from 'node:http'
import { SimClock } from '@breakwater/testing'
import { onTestFinished } from 'vitest'
import { hostileServer } from '../transport/hostile-server.model.js'
import type { HostileServer } from '../transport/hostile-server.model.js'
import { ConsulSource } from './consul-source.js'
import type { ConsulSourceOptions } from './consul-source-options.js'

/** One entry of a list of health, as Consul writes it; `more` overrides members of the service. */
export function entry(id: string, more: object = {}, rest: object = {}): object {
  return {
    Node: { Node: 'node-1', Address: '10.0.0.1', Meta: { zone: 'node-zone' } },
    Service: { ID: id, Service: 'users', Address: '10.0.0.2', Port: 80, Meta: {}, ...more },
    Checks: [{ CheckID: 'serfHealth', Status: 'passing' }],
    ...rest,
  }
}

interface FakeConsul extends HostileServer {
  /** Queries that wait for a change. */
  readonly waiting: number
  /** Sets what is known, and answers everybody who waits. */
  set(index: number | string | undefined, entries: unknown): void
  /** Answers those who wait although nothing has changed, as at the end of their time. */
  timeOut(): void
  /** Answers the next queries, and those that wait, like this instead. */
  misbehave(answer: ((response: ServerResponse) => unknown) | undefined): void
}

async function fakeConsul(): Promise<FakeConsul> {
  let index: number | string | undefined = 1
  let entries: unknown = []
  let bad: ((response: ServerResponse) => unknown) | undefined
  const waiting = new Set<ServerResponse>()
  const answer = (response: ServerResponse): void => {
    waiting.delete(response)
    if (bad !== undefined) {
      bad(response)
      return
    }
    const headers = index === undefined ? {} : { 'x-consul-index': String(index) }
    response.writeHead(200, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(entries))
  }
  const answerAll = (): void => {
    for (const response of [...waiting]) answer(response)
  }
  const server = await hostileServer((request, response) => {
    const asked = new URL(request.url ?? '/', 'http://consul').searchParams.get('index')
    response.on('close', () => waiting.delete(response))
    if (bad !== undefined || asked === null || asked !== String(index)) answer(response)
    else waiting.add(response)
  })
  return Object.defineProperties(
    {
      set(next: number | string | undefined, list: unknown) {
        index = next
        entries = list
        answerAll()
      },
      timeOut: answerAll,
      misbehave(next: typeof bad) {
        bad = next
        if (next !== undefined) answerAll()
      },
      get waiting() {
        return waiting.size
      },
    },
    // `accepted` counts on.
    Object.getOwnPropertyDescriptors(server),
  ) as FakeConsul
}

/** A source of a fake Consul, on a clock that the test moves, with all that it tells; both end with the test. */
export interface ConsulLab {
  readonly consul: FakeConsul
  readonly source: ConsulSource
  readonly clock: SimClock
  readonly errors: string[]
}

export async function consulLab(options: Partial<ConsulSourceOptions> = {}): Promise<ConsulLab> {
  const consul = await fakeConsul()
  const clock = new SimClock()
  const source = new ConsulSource({ url: consul.origin, clock, random: { next: () => 0 }, ...options })
  const errors: string[] = []
  source.on('error', ({ error }) => errors.push(error.message.replace(consul.origin, 'CONSUL')))
  onTestFinished(() => {
    source.dispose()
  })
  return { consul, source, clock, errors }
}

/** How many queries have been asked so far. A round trip: what the source has just asked has arrived before it. */
export async function queries({ consul }: ConsulLab): Promise<number> {
  await fetch(`${consul.origin}/marker`)
  return consul.requests.filter((request) => request.includes('/v1/')).length
}

/** The ids of what is known of `users`, without the name of their node. */
export function ids({ source }: ConsulLab): unknown {
  return source.snapshot('users')?.instances.map(({ id }) => id.replace('node-1/', ''))
}
