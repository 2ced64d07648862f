/** A stream that `fetch` sends is read for as long as its request goes on, and hears of the end. */
import { DeadlineExceededError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import type { Socket } from 'node:net'
import { failureOf, isAtRest, nobody, usersOn } from './fleet.model.js'
import type { HttpClientOptions } from './client-options.js'
import type { HttpClient } from './http-client.js'
import { Upload } from './fetch-upload.js'
import { eventually, rawServer } from './wire/hostile-server.model.js'

type Sending = (client: HttpClient, body: ReadableStream, signal?: AbortSignal) => Promise<Response>

const sendings: readonly [string, Sending][] = [
  ['a stream', (client, body, signal) => client.fetch('http://users/', init(body, signal))],
  [
    'the stream of a Request',
    (client, body, signal) => client.fetch(new Request('http://users/', init(body, signal))),
  ],
]

function init(body: ReadableStream, signal: AbortSignal | undefined): RequestInit {
  return { method: 'POST', body, duplex: 'half', signal: signal ?? null }
}

interface Told {
  readonly promise: Promise<unknown>
  readonly resolve: (value: unknown) => void
}

function told(): Told {
  let resolve: Told['resolve'] = () => undefined
  const promise = new Promise((done) => (resolve = done))
  return { promise, resolve }
}

interface Endless {
  readonly stream: ReadableStream
  /** What it was cancelled with. */
  readonly cancelled: Promise<unknown>
  pulls: number
}

/** A stream without an end, which gives `chunks` at once and later ones in turns of their own; or gives none after them. */
function endless({ waitsAfter = Infinity } = {}): Endless {
  const { promise: cancelled, resolve: cancel } = told()
  const pull = async (controller: ReadableStreamDefaultController): Promise<void> => {
    made.pulls++
    await new Promise((resolve) => made.pulls <= waitsAfter && setImmediate(resolve))
    controller.enqueue(new Uint8Array(100))
  }
  const stream = new ReadableStream({ pull, cancel }, { highWaterMark: 0 })
  const made: Endless = { stream, cancelled, pulls: 0 }
  return made
}

/** A client of a server that does this with its connection when a request has begun to come. */
async function against(
  answer: (socket: Socket) => unknown,
  options: HttpClientOptions = {},
): Promise<HttpClient> {
  const { origin } = await rawServer((socket) => void answer(socket))
  return usersOn([origin], options)
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n'

describe.each(sendings)('%s is cancelled', (_what, send) => {
  test('when the time of its request is over, with the error of that', async () => {
    const clock = new SimClock()
    let began = false
    const client = await against(() => (began = true), { clock, timeoutMs: 500, attemptTimeoutMs: false })
    const { stream, cancelled } = endless()

    const failed = failureOf(send(client, stream))
    await eventually(() => began)
    await clock.advance(500)

    expect((await failed).cause).toBeInstanceOf(DeadlineExceededError)
    expect(await cancelled).toBe((await failed).cause)
    await isAtRest(client)
  })

  test.each([
    ['still gives', Infinity],
    ['gives nothing more', 3],
  ])('when its caller aborts, with his reason, while it %s', async (_title, waitsAfter) => {
    const client = await against(() => undefined)
    const given = endless({ waitsAfter })
    const caller = new AbortController()

    const failed = failureOf(send(client, given.stream, caller.signal))
    await eventually(() => given.pulls > 3)
    const reason = new Error('enough')
    caller.abort(reason)

    expect([await failed, await given.cancelled]).toEqual([reason, reason])
  })

  test.each([0, 1, 2, 3, 5, 10, 20, 40])(
    'when its caller aborts before anything was sent, after %d microtasks',
    async (count) => {
      const client = await against(() => undefined)
      const { stream, cancelled } = endless()
      const caller = new AbortController()
      const reason = new Error('enough')

      const failed = failureOf(send(client, stream, caller.signal))
      for (let nth = 0; nth < count; nth++) await Promise.resolve()
      caller.abort(reason)

      expect([await failed, await cancelled]).toEqual([reason, reason])
    },
  )

  test('when the server resets the connection', async () => {
    const client = await against((socket) => socket.resetAndDestroy())
    const { stream, cancelled } = endless()

    await failureOf(send(client, stream))

    expect(await cancelled).toMatchObject({
      message: expect.stringMatching(/reset|EPIPE|closed/i) as unknown,
    })
  })

  test('when nobody is there to have it, before it was read', async () => {
    const client = usersOn([await nobody()])
    const { stream, cancelled, ...given } = endless()

    const { cause } = await failureOf(send(client, stream))

    expect([await cancelled, given.pulls]).toEqual([cause, 0])
  })

  test('when the policies refuse its request', async () => {
    const client = await against(() => undefined, { bulkhead: { limit: 1 } })
    const [first, second] = [endless(), endless()]
    const caller = new AbortController()

    const held = failureOf(send(client, first.stream, caller.signal))
    await eventually(() => first.pulls > 0)
    const { cause } = await failureOf(send(client, second.stream))

    expect([await second.cancelled, second.pulls]).toEqual([cause, 0])
    caller.abort()
    await held
  })

  test('when a fallback answers, and nobody took it', async () => {
    const client = usersOn([await nobody()], { fallback: () => ({ body: 'instead' }) })
    const given = endless()

    const answer = await send(client, given.stream)

    expect(await answer.text()).toBe('instead')
    expect([await given.cancelled, given.pulls]).toEqual([expect.objectContaining({ name: 'AbortError' }), 0])
  })

  test('when the reader of an answer that came before its end gives that up', async () => {
    const client = await against((socket) => socket.write(`${HEAD}ha`))
    const given = endless()

    const answer = await send(client, given.stream)
    await answer.body?.cancel(new Error('enough'))

    expect(await given.cancelled).toBeInstanceOf(Error)
  })

  test('when the answer that came before its end is over, and with it the connection', async () => {
    const client = await against((socket) => socket.write(`${HEAD}half`))
    const given = endless()

    const answer = await send(client, given.stream)

    expect(await answer.text()).toBe('half')
    expect(await given.cancelled).toMatchObject({ name: 'AbortError' })
    await isAtRest(client)
  })
})

describe('a stream', () => {
  test('is read no further than the connection takes it', async () => {
    const given = endless()
    const sending = new Upload(given.stream).begin()
    const turns = async (): Promise<void> => {
      for (let nth = 0; nth < 10; nth++) await new Promise(setImmediate)
    }

    await turns()
    const before = given.pulls
    sending.on('data', () => sending.pause())
    await turns()
    const first = given.pulls
    sending.resume()
    await turns()

    expect([before, first, given.pulls]).toEqual([0, 1, 2])
    sending.destroy()
  })

  test('is sent on while the answer comes that began before its end', async () => {
    let answerOn: () => void = () => undefined
    let isBegun = false
    const client = await against((socket) => {
      if (isBegun) return
      isBegun = true
      socket.write(HEAD)
      let text = ''
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1')
        if (text.endsWith('\r\n0\r\n\r\n')) socket.write(text.includes('last') ? 'last' : 'none')
      })
    })
    const stream = new ReadableStream({
      async pull(controller) {
        controller.enqueue(new TextEncoder().encode('first'))
        await new Promise<void>((resolve) => (answerOn = resolve))
        controller.enqueue(new TextEncoder().encode('last'))
        controller.close()
      },
    })

    const answer = await client.fetch('http://users/', init(stream, undefined))
    answerOn()

    expect(await answer.text()).toBe('last')
  })

  test('is left as it was by a request that fetch refuses', async () => {
    const client = usersOn([await nobody()])
    const { stream } = endless()

    await failureOf(client.fetch('http://users/', { method: 'POST', body: stream }))

    expect(stream.locked).toBe(false)
    expect((await stream.getReader().read()).done).toBe(false)
  })

  test.each([null, undefined])(
    'that gives %s fails with its request, and does not pass for whole',
    async (chunk) => {
      const client = await against((socket) => socket.on('data', () => undefined))
      const { promise: cancelled, resolve: cancel } = told()
      const stream = new ReadableStream({
        pull: (controller) => {
          controller.enqueue(new Uint8Array(1))
          controller.enqueue(chunk)
        },
        cancel,
      })

      const { cause } = await failureOf(client.fetch('http://users/', init(stream, undefined)))

      expect(cause).toBeInstanceOf(TypeError)
      expect(await cancelled).toBe(cause)
    },
  )

  test("may fail in its own cancel, which is nobody else's affair", async () => {
    const client = usersOn([await nobody()])
    const cancelled = told()
    const stream = new ReadableStream({
      cancel: () => {
        cancelled.resolve('told')
        throw new Error('cannot')
      },
    })

    const { message } = await failureOf(client.fetch('http://users/', init(stream, undefined)))
    await cancelled.promise

    expect(message).toBe('fetch failed')
  })
})
