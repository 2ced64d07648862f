import { describe, expect, test } from 'vitest'
import { clientOf, server } from './fleet.model.js'
import type { FakeServer } from './fleet.model.js'
import type { HttpClient } from './http-client.js'

interface HeldServer extends FakeServer {
  /** Resolves when there is a request to answer. */
  readonly arrived: Promise<void>
  answer(status: number): void
}

/** Answers when it is told to, and only then. */
async function held(): Promise<HeldServer> {
  let answer: (status: number) => unknown = () => undefined
  let arrive = (): void => {}
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const { url, got, stop } = await server((_request, response) => {
    answer = (status) => response.writeHead(status).end('held')
    arrive()
  })
  return {
    url,
    got,
    stop,
    arrived,
    answer: (status) => {
      answer(status)
    },
  }
}

const LIMITED = { attemptTimeoutMs: 10_000, balancer: { limit: { max: 1 } } }

function usersOn(instances: readonly FakeServer[]): HttpClient {
  const users = { instances: instances.map(({ url }) => url) }
  return clientOf({ ...LIMITED, retry: false, services: { users } })
}

describe('a limit on the calls to each instance', () => {
  test('sends requests past one that is full, refuses them at once when all are, and blames nobody', async () => {
    const servers = [await held(), await held()]
    const client = usersOn(servers)
    const first = client.request('http://users/')
    const second = client.request('http://users/')
    await Promise.all(servers.map(({ arrived }) => arrived))

    await expect(client.request('http://users/')).rejects.toMatchObject({
      code: 'ERR_BULKHEAD_FULL',
      message: 'users: all 2 instances have as many calls as they may have, 2 together',
    })

    for (const { answer } of servers) answer(200)
    const texts = await Promise.all([first, second].map(async (answer) => (await answer).body.text()))
    expect(texts).toEqual(['held', 'held'])
    const [users] = client.snapshot().services
    expect(users?.command.breaker).toMatchObject({ failures: 0, successes: 2 })
    expect(users?.balancer).toMatchObject({ inFlight: 0, calls: { success: 2, full: 1, failure: 0 } })
  })

  test('goes down with a 503', async () => {
    const users = await held()
    const client = clientOf({
      ...LIMITED,
      balancer: { limit: {} },
      retry: false,
      services: { users: { instances: [users.url] } },
    })
    const answer = client.request('http://users/')
    await users.arrived
    users.answer(503)

    expect((await answer).statusCode).toBe(503)
    expect(client.snapshot().services[0]?.balancer?.instances[0]?.limit).toBe(18)
  })
})
