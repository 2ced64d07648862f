/** Whichever way a request comes in: who leaves early, and who breaks off, leaves no slot, no connection and no rejection behind. */
import { Readable } from 'node:stream'
import { afterAll, describe, expect, test } from 'vitest'
import type { HttpClient } from './http-client.js'
import { counting, failureOf, isAtRest, textOf, usersAt, WAYS } from './matrix.model.js'
import type { Listener } from './matrix.model.js'
import { TestAuthority } from './wire/test-authority.model.js'

const authority = new TestAuthority()
afterAll(() => {
  authority.dispose()
})

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

const endsOf = (client: HttpClient): number =>
  Object.values(client.snapshot().services[0]?.command.executions ?? {}).reduce(
    (sum, count) => sum + count,
    0,
  )

describe.each(WAYS)('$name over $protocol', { timeout: 10_000 }, ({ protocol, sendVia }) => {
  const at = (listener: Listener): ReturnType<typeof counting> => counting(protocol, authority, listener)
  /** Over HTTP/2 a connection is for many, and stays. (Undici opens another at once; unused, it closes in its time.) */
  const hasClosed = async ({ closed }: Awaited<ReturnType<typeof counting>>): Promise<void> => {
    if (protocol !== 'HTTP/2') await expect.poll(closed, { timeout: 3_000 }).toBeGreaterThan(0)
  }

  test('a body that breaks while it is sent', async () => {
    const server = await at((request) => request.resume())
    const client = usersAt([server.url], authority, {})

    const error = await failureOf(
      sendVia(client, authority)('/', { method: 'PUT', body: Readable.from(breaking()) }),
    )

    expect(error).toBeInstanceOf(Error)
    await isAtRest(client)
    expect(endsOf(client)).toBe(1)
    await hasClosed(server)
  })

  test('a reader who takes the beginning of an answer', async () => {
    const server = await at(begun)
    const client = usersAt([server.url], authority, {})

    const { body } = await sendVia(client, authority)('/')
    for await (const chunk of body) {
      expect(String(Buffer.from(chunk))).toBe('begun')
      break
    }

    await isAtRest(client)
    expect(endsOf(client)).toBe(1)
    await hasClosed(server)
  })

  test('a caller who leaves after the headers', async () => {
    const server = await at(begun)
    const client = usersAt([server.url], authority, {})
    const caller = new AbortController()

    const answer = await sendVia(client, authority)('/', { signal: caller.signal })
    const text = failureOf(textOf(answer))
    caller.abort()

    expect((await text).name).toMatch(/AbortError|CanceledError/)
    await isAtRest(client)
    expect(endsOf(client)).toBe(1)
    await hasClosed(server)
  })

  test('an answer that comes when the caller has left, and one that comes in time', async () => {
    let answerLate: () => void = () => undefined
    let ask: () => void = () => undefined
    const isAsked = new Promise<void>((resolve) => (ask = resolve))
    const server = await at((request, response) => {
      if (request.url !== '/late') {
        response.end('in time')
        return
      }
      response.on('error', () => undefined)
      answerLate = () => response.end('late')
      ask()
    })
    const client = usersAt([server.url], authority, {})
    const send = sendVia(client, authority)
    const caller = new AbortController()

    const left = failureOf(send('/late', { signal: caller.signal }))
    await isAsked
    caller.abort()
    answerLate()

    expect((await left).name).toMatch(/AbortError|CanceledError/)
    expect(await textOf(await send('/'))).toBe('in time')
    await isAtRest(client)
    expect(endsOf(client)).toBe(2)
  })

  test('an answer that is longer than it says: no more of it comes', async () => {
    const server = await at(tooLong)
    const client = usersAt([server.url], authority, { retry: false })
    const send = sendVia(client, authority)

    for (let call = 0; call < 3; call++) {
      const text = await send('/')
        .then(textOf)
        .catch(() => 'failed')
      expect(['good', 'failed']).toContain(text)
    }

    await isAtRest(client)
    expect(endsOf(client)).toBe(3)
  })
})
