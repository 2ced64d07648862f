/** Whichever way a request comes in: who leaves early, and who breaks off, leaves no slot, no connection and no rejection behind. */
import { Readable } from 'node:stream'
import { afterAll, describe, expect, test } from 'vitest'
import type { ServiceOptions } from './engine/service-options.js'
import { failureOf, isAtRest } from './fleet.model.js'
import type { HttpClient } from './http-client.js'
import { counting, textOf, usersAt, WAYS } from './matrix.model.js'
import type { Listener } from './matrix.model.js'
import { TestAuthority } from './wire/test-authority.model.js'

const authority = new TestAuthority()
afterAll(() => {
  authority.dispose()
})

interface Scene {
  readonly client: HttpClient
  readonly send: ReturnType<(typeof WAYS)[number]['sendVia']>
  /** Resolves when a connection has been closed. */
  readonly hasClosed: () => Promise<void>
}

const begun: Listener = (_request, response) => {
  response.writeHead(200)
  response.write('begun')
}

const tooLong: Listener = (_request, response) => {
  response.writeHead(200, { 'content-length': '4' })
  response.end('good and more')
}

async function* breaking(): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from('the first of it'))
  throw new Error('broken')
}

/** Nothing is held, and so many calls have ended, each once. */
async function areOver(client: HttpClient, calls: number): Promise<void> {
  await isAtRest(client)
  const { executions } = client.snapshot().services[0]!.command
  expect(Object.values(executions).reduce((sum, count) => sum + count, 0)).toBe(calls)
}

describe.each(WAYS)('$name over $protocol', ({ protocol, sendVia }) => {
  const serving = async (listener: Listener, options: ServiceOptions = {}): Promise<Scene> => {
    const { url, closed } = await counting(protocol, authority, listener)
    const client = usersAt([url], authority, options)
    const hasClosed = async (): Promise<void> => {
      // Over HTTP/2 a connection is for many, and stays. (Undici opens another at once; unused, it closes in its time.)
      if (protocol !== 'HTTP/2') await expect.poll(closed).toBeGreaterThan(0)
    }
    return { client, send: sendVia(client, authority), hasClosed }
  }

  test('a body that breaks while it is sent', async () => {
    const { client, send, hasClosed } = await serving((request) => request.resume())

    const error = await failureOf(send('/', { method: 'PUT', body: Readable.from(breaking()) }))

    expect(error).toBeInstanceOf(Error)
    await areOver(client, 1)
    await hasClosed()
  })

  test('a reader who takes the beginning of an answer', async () => {
    const { client, send, hasClosed } = await serving(begun)

    const { body } = await send('/')
    for await (const chunk of body) {
      expect(String(Buffer.from(chunk))).toBe('begun')
      break
    }

    await areOver(client, 1)
    await hasClosed()
  })

  test('a caller who leaves after the headers', async () => {
    const { client, send, hasClosed } = await serving(begun)
    const caller = new AbortController()

    const answer = await send('/', { signal: caller.signal })
    const text = failureOf(textOf(answer))
    caller.abort()

    expect((await text).name).toMatch(/AbortError|CanceledError/)
    await areOver(client, 1)
    await hasClosed()
  })

  test('an answer that comes when the caller has left, and one that comes in time', async () => {
    let answerLate: () => void = () => undefined
    let ask: () => void = () => undefined
    const isAsked = new Promise<void>((resolve) => (ask = resolve))
    const { client, send } = await serving((request, response) => {
      if (request.url !== '/late') {
        response.end('in time')
        return
      }
      response.on('error', () => undefined)
      answerLate = () => response.end('late')
      ask()
    })
    const caller = new AbortController()

    const left = failureOf(send('/late', { signal: caller.signal }))
    await isAsked
    caller.abort()
    answerLate()

    expect((await left).name).toMatch(/AbortError|CanceledError/)
    expect(await textOf(await send('/'))).toBe('in time')
    await areOver(client, 2)
  })

  test('an answer that is longer than it says: no more of it comes', async () => {
    const { client, send } = await serving(tooLong, { retry: false })

    for (let call = 0; call < 3; call++) {
      const text = await send('/')
        .then(textOf)
        .catch(() => 'failed')
      expect(['good', 'failed']).toContain(text)
    }

    await areOver(client, 3)
  })
})
