/** Streams that are never read: what they have open is let go of, as undici does with those it has begun to read. */
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { consecutiveFailures } from '@breakwater/breaker'
import { describe, expect, test } from 'vitest'
import { answering, clientOf, failureOf, nobody, silence, usersOn } from './fleet.model.js'
import type { HttpClientOptions } from './client-options.js'
import type { HttpClient } from './http-client.js'
import { httpServer } from './wire/hostile-server.model.js'

const SLOW: HttpClientOptions = {
  connections: 1,
  timeoutMs: 60_000,
  attemptTimeoutMs: false,
  drainTimeoutMs: 10,
}

/** Something that has a file open, say. */
const openStream = (): Readable => new Readable({ read: () => undefined })

interface Stage {
  readonly client: HttpClient
  /** What ends the request, which is sent before. */
  readonly end?: () => unknown
  readonly signal?: AbortSignal
}

const waiting = async (options: HttpClientOptions = {}): Promise<HttpClient> => {
  const client = usersOn([await answering(silence)], { ...SLOW, ...options })
  void failureOf(client.request('http://users/'))
  await expect.poll(() => client.snapshot().pools[0]?.inFlight).toBe(1)
  return client
}

const stages: Readonly<Record<string, () => Promise<Stage>>> = {
  'where nobody listens': async () => ({ client: usersOn([await nobody(), await nobody()]) }),
  'by a full queue': async () => ({ client: await waiting({ maxQueue: 0 }) }),
  async 'by its caller, who leaves the queue'() {
    const caller = new AbortController()
    return { client: await waiting(), signal: caller.signal, end: () => caller.abort() }
  },
  async 'by the end of the client'() {
    const client = await waiting()
    return { client, end: () => client.close() }
  },
}

describe.each(Object.entries(stages))('made for an attempt that is ended %s', (_stage, make) => {
  test('a stream is destroyed, and one of the web is cancelled', async () => {
    const { client, signal, end } = await make()
    const made: Readable[] = []
    let [opened, cancelled] = [0, 0]
    const stream = (): Readable => made[made.push(openStream()) - 1] as Readable
    const ofWeb = (): ReadableStream => {
      opened++
      return new ReadableStream({ cancel: () => void cancelled++ })
    }

    const sent = [stream, ofWeb].map((body) =>
      client.with({ body, idempotent: true }).request('http://users/', {
        method: 'POST',
        body: 'made',
        signal,
      }),
    )
    const failures = sent.map(failureOf)
    await expect.poll(() => Math.min(made.length, opened)).toBeGreaterThan(0)
    await end?.()
    await Promise.all(failures)

    expect(made.filter(({ destroyed }) => !destroyed)).toEqual([])
    expect(cancelled).toBe(opened)
  })
})

test('an attempt elsewhere has its own, which is sent', async () => {
  const users = await answering('ok')
  const client = usersOn([await nobody(), users], { random: { next: () => 0 } })
  const made: Readable[] = []
  const body = (): Readable => made[made.push(Readable.from(['sent'])) - 1] as Readable

  await client.with({ body }).request('http://users/', { method: 'POST', body: 'made' })

  expect(made.map(({ destroyed }) => destroyed)).toEqual([true, true])
  expect(users.got.map((got) => got.body)).toEqual(['sent'])
})

describe('a stream of a request that the fallback answers', () => {
  test('is destroyed, as by undici when a request fails', async () => {
    const breaker = { trip: consecutiveFailures(1) }
    const users = { instances: [await nobody()], breaker, fallback: () => ({ body: 'instead' }) }
    const client = clientOf({ services: { users } })
    // The other is an answer of Node's own client, to be passed on.
    const [refused, rejected] = [openStream(), new IncomingMessage(new Socket())]

    for (const body of [refused, rejected])
      await client.request('http://users/', { method: 'POST', body }).then((answer) => answer.body.text())

    expect([refused.destroyed, rejected.destroyed]).toEqual([true, true])
    expect(client.snapshot().services[0]?.command.executions).toMatchObject({
      failure: 1,
      short_circuited: 1,
    })
  })

  test('is left alone where it is a request to our own server, which is to be answered', async () => {
    const users = { instances: [await nobody()], fallback: () => ({ body: 'instead' }) }
    const client = clientOf({ services: { users } })
    const gateway = await httpServer((request, response) => {
      const asked = client.request('http://users/', { method: 'POST', body: request })
      void asked.then(async ({ body }) => response.end(await body.text()))
    })

    const answer = await fetch(gateway.origin, { method: 'POST', body: 'x'.repeat(100_000) })

    expect(await answer.text()).toBe('instead')
  })
})
