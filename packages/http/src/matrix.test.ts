/** Whichever way a request comes in, over whichever protocol and undici: it ends as it should, and leaves nothing behind. */
import { constant } from '@breakwater/breaker'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterAll, describe, expect, test } from 'vitest'
import { failureOf, isAtRest } from './fleet.model.js'
import { listening, mute, textOf, usersAt, WAYS } from './matrix.model.js'
import type { Listener } from './matrix.model.js'
import { TestAuthority } from './wire/test-authority.model.js'

const authority = new TestAuthority()
afterAll(() => {
  authority.dispose()
})

const good: Listener = (request, response) => {
  request.resume().on('end', () => response.end('good'))
}
const failing: Listener = (_request, response) => {
  response.writeHead(503)
  response.end('bad')
}
const echo: Listener = (request, response) => {
  response.writeHead(200)
  request.pipe(response)
}
const silent: Listener = () => undefined
const truncated: Listener = (request, response) => {
  response.writeHead(200, { 'content-length': '10' })
  response.write('half')
  setTimeout(() => {
    // Over HTTP/2 that ends the stream alone.
    if (request.httpVersionMajor === 2) (response as unknown as Http2).stream.close(2)
    else request.socket.destroy()
  }, 20)
}

interface Http2 {
  readonly stream: { close(code: number): void }
}

describe.each(WAYS)('$name over $protocol', ({ protocol, sendVia }) => {
  const at = (listener: Listener): Promise<string> => listening(protocol, authority, listener)

  test('a good answer', async () => {
    const client = usersAt([await at(echo)], authority, {})
    const send = sendVia(client, authority)

    const answer = await send('/', { method: 'POST', body: 'hello' })

    expect([answer.status, await textOf(answer)]).toEqual([200, 'hello'])
    await isAtRest(client)
  })

  test('503, and the answer of another instance', async () => {
    const client = usersAt([await at(failing), await at(good)], authority, {
      retry: { backoff: constant({ ms: 1 }) },
    })
    const send = sendVia(client, authority)

    for (let call = 0; call < 3; call++) expect(await textOf(await send('/'))).toBe('good')

    const [users] = client.snapshot().services
    expect(users?.command.executions).toMatchObject({ success: 3, failure: 0 })
    expect(users?.balancer?.instances.some(({ failures }) => failures > 0)).toBe(true)
    await isAtRest(client)
  })

  test('503 from all: that is the answer', async () => {
    const client = usersAt([await at(failing)], authority, {
      retry: { maxRetries: 1, backoff: constant({ ms: 1 }) },
    })

    const answer = await sendVia(client, authority)('/')

    expect([answer.status, await textOf(answer)]).toEqual([503, 'bad'])
    await isAtRest(client)
  })

  test('no answer in time', async () => {
    const client = usersAt([await at(silent)], authority, { attemptTimeoutMs: 60, retry: false })

    const error = await failureOf(sendVia(client, authority)('/'))

    expect(rootOf(error)).toMatchObject({ code: 'ERR_TIMEOUT' })
    await isAtRest(client)
  })

  test('an abort while connecting', async () => {
    const client = usersAt([await mute()], authority, {})
    const caller = new AbortController()

    const sent = failureOf(sendVia(client, authority)('/', { signal: caller.signal }))
    setTimeout(() => {
      caller.abort()
    }, 30)
    const error = await sent

    expect(error.name).toMatch(/^(AbortError|CanceledError)$/)
    expect(client.snapshot().services[0]?.command).toMatchObject({
      inFlight: 0,
      executions: { cancelled: 1 },
    })
  })

  test('a large body up and down, as streams', async () => {
    const client = usersAt([await at(echo)], authority, {})
    const chunks = Array.from({ length: 64 }, (_, nth) => Buffer.alloc(16_384, nth))

    const answer = await sendVia(client, authority)('/', { method: 'PUT', body: Readable.from(chunks) })
    const hash = createHash('sha256')
    for await (const chunk of answer.body) hash.update(chunk)

    expect(hash.digest('hex')).toBe(createHash('sha256').update(Buffer.concat(chunks)).digest('hex'))
    await isAtRest(client)
  })

  test('an answer that breaks off is a failure', async () => {
    const client = usersAt([await at(truncated)], authority, { retry: false })

    const answer = await sendVia(client, authority)('/')
    const error = await failureOf(textOf(answer))

    expect(error).toBeInstanceOf(Error)
    await isAtRest(client)
    expect(client.snapshot().services[0]?.command.executions).toMatchObject({ success: 0, failure: 1 })
  })
})

/** `fetch` and axios wrap what happened. */
function rootOf(error: Error): unknown {
  return error.cause === undefined ? error : rootOf(error.cause as Error)
}
