/** A small body that becomes a large one: fault row 18, on real sockets. */
import zlib from 'node:zlib'
import { fetch as undiciFetch, Response as UndiciResponse } from 'undici'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { answering, clientOf, failureOf, isAtRest, server, usersOn } from './fleet.model.js'
import type { Answer, FakeServer } from './fleet.model.js'
import { ResponseTooLargeError } from './wire/wire-errors.js'

const MIB = 1_048_576
const CAP = 256 * 1_024
/** What streams of Node and undici may hold unread behind what was read, per coding. */
const BUFFERED = 160 * 1_024
const PLAIN = Buffer.alloc(6 * MIB)

const packers: Readonly<Record<string, (plain: Buffer) => Buffer>> = {
  gzip: (plain) => zlib.gzipSync(plain, { level: 9 }),
  deflate: (plain) => zlib.deflateSync(plain, { level: 9 }),
  br: (plain) => zlib.brotliCompressSync(plain, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } }),
  ...('zstdCompressSync' in zlib ? { zstd: (plain: Buffer) => zlib.zstdCompressSync(plain) } : {}),
}
const coded: readonly (readonly [coding: string, body: Buffer])[] = [
  ...Object.entries(packers).map(([coding, pack]) => [coding, pack(PLAIN)] as const),
  ['gzip, gzip', zlib.gzipSync(zlib.gzipSync(PLAIN))],
]

const saying =
  (coding: string, body: Buffer): Answer =>
  (_request, response) =>
    response.writeHead(200, { 'content-encoding': coding, 'x-a': '1' }).end(body)

const bomb = saying('gzip', zlib.gzipSync(PLAIN))

const tooLarge = {
  name: 'TypeError',
  message: 'terminated',
  cause: expect.any(ResponseTooLargeError) as unknown,
}

describe.each(coded)('a bomb in %s', (coding, body) => {
  test('inflates far beyond the limit where there is none', async () => {
    const { url } = await answering(saying(coding, body))

    const inflated = await (await undiciFetch(url)).arrayBuffer()

    expect(inflated.byteLength).toBe(PLAIN.length)
    expect(body.length).toBeLessThan(CAP)
  })

  test.each(['text', 'json', 'arrayBuffer', 'blob'] as const)('ends %s at the limit', async (way) => {
    const client = usersOn([await answering(saying(coding, body))], { maxBodyBytes: CAP })

    const error = await failureOf((await client.fetch('http://users/'))[way]())

    expect(error).toMatchObject(tooLarge)
    expect(error.cause).toMatchObject({ code: 'ERR_RESPONSE_TOO_LARGE', limitBytes: CAP })
    await isAtRest(client)
  })
})

test('an answer that is too large as it comes ends, though it comes in one piece with its headers', async () => {
  const client = usersOn([await answering('x'.repeat(2_000))], { maxBodyBytes: 1_000 })

  const error = await failureOf((await client.fetch('http://users/')).text())

  expect(error).toMatchObject(tooLarge)
  await isAtRest(client)
})

describe('an answer that is inflated', () => {
  test('is not inflated further than the limit and what streams hold unread', async () => {
    let inflated = 0
    const create = zlib.createGunzip.bind(zlib)
    const spy = vi.spyOn(zlib, 'createGunzip').mockImplementation((options) => {
      const gunzip = create(options)
      const push = gunzip.push.bind(gunzip)
      gunzip.push = (chunk: Uint8Array | null, ...rest): boolean => {
        inflated += chunk?.length ?? 0
        return push(chunk, ...rest)
      }
      return gunzip
    })
    onTestFinished(() => {
      spy.mockRestore()
    })
    const client = usersOn([await answering(bomb)], { maxBodyBytes: CAP })

    await failureOf((await client.fetch('http://users/')).text())
    await isAtRest(client)

    expect(inflated).toBeGreaterThan(CAP)
    expect(inflated).toBeLessThan(CAP + BUFFERED)
  })

  test('gives its reader all up to the limit, and the error then', async () => {
    const client = usersOn([await answering(bomb)], { maxBodyBytes: CAP })

    const { body } = await client.fetch('http://users/')
    let read = 0
    const error = await failureOf(
      (async () => {
        for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) read += chunk.length
      })(),
    )

    expect(error).toMatchObject(tooLarge)
    expect(read).toBeLessThanOrEqual(CAP)
    expect(read).toBeGreaterThan(CAP / 2)
  })

  test('that is not over on the wire gives its slot and its connection back', async () => {
    let closed = 0
    const users = await server((request, response) => {
      request.socket.once('close', () => closed++)
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.write(zlib.gzipSync(PLAIN))
    })
    const client = usersOn([users], { maxBodyBytes: CAP })

    const response = await client.fetch('http://users/')
    expect(client.snapshot().services[0]?.command.inFlight).toBe(1)

    expect(await failureOf(response.text())).toMatchObject(tooLarge)
    await isAtRest(client)
    await expect.poll(() => closed).toBe(1)
    expect(users.got).toHaveLength(1)
  })

  test('up to the limit is whole, to the byte', async () => {
    const plain = Buffer.alloc(CAP, 'x')
    const client = usersOn([await answering(saying('gzip', zlib.gzipSync(plain)))], { maxBodyBytes: CAP })

    const inflated = await (await client.fetch('http://users/')).arrayBuffer()

    expect(Buffer.from(inflated).equals(plain)).toBe(true)
    expect(await (await client.fetch('http://users/')).json().catch((error: Error) => error.name)).toBe(
      'SyntaxError',
    )
  })

  test('obeys the limit of the service that a redirect led to', async () => {
    const orders = await answering(bomb)
    const users = await answering((_request, response) =>
      response.writeHead(307, { location: 'http://orders/all' }).end(),
    )
    const client = clientOf({
      services: { users: { instances: [users.url] }, orders: { instances: [orders.url], maxBodyBytes: CAP } },
    })

    const response = await client.fetch('http://users/')

    expect([response.redirected, response.url]).toEqual([true, 'http://orders/all'])
    expect(await failureOf(response.text())).toMatchObject(tooLarge)
  })

  test('obeys no limit of others', async () => {
    const [users, orders] = [await answering(bomb), await answering('')]
    const client = clientOf({
      services: { users: { instances: [users.url] }, orders: { instances: [orders.url], maxBodyBytes: CAP } },
    })

    expect((await (await client.fetch('http://users/')).arrayBuffer()).byteLength).toBe(PLAIN.length)
  })

  test('is counted for hosts outside of services too', async () => {
    const { url } = await answering(bomb)
    const client = clientOf({ maxBodyBytes: CAP })

    expect(await failureOf((await client.fetch(url)).text())).toMatchObject(tooLarge)
  })
})

describe('an answer that is counted looks as that of fetch', () => {
  const said = (response: Response): unknown => {
    const { url, redirected, type, status, statusText, ok, headers, bodyUsed } = response
    const frozen = (): unknown => headers.set('x-a', '2')
    expect(frozen).toThrow(TypeError)
    return { url, redirected, type, status, statusText, ok, headers: [...headers], bodyUsed }
  }
  const answer: Answer = (_request, response) =>
    response
      .writeHead(410, 'Gone by', { 'content-encoding': 'gzip', 'set-cookie': ['a=1', 'b=2'], date: 'now' })
      .end(zlib.gzipSync('hello'))
  const both = async (): Promise<[Response, Response]> => {
    const { url } = await answering(answer)
    const client = clientOf({ maxBodyBytes: CAP })
    return [await client.fetch(url), await undiciFetch(url)]
  }

  test('in all that it says, and so do its clones', async () => {
    const [ours, theirs] = await both()
    const [copy, again] = [ours.clone(), ours.clone().clone()]

    for (const response of [ours, copy, again]) expect(said(response)).toEqual(said(theirs))
    expect(ours).toBeInstanceOf(UndiciResponse)
    expect(await Promise.all([ours, copy, again, theirs].map((each) => each.text()))).toEqual(
      Array(4).fill('hello'),
    )
    expect(ours.bodyUsed).toBe(true)
    expect(() => ours.clone()).toThrow(TypeError)
  })

  test('in its body, which takes buffers of readers too', async () => {
    const [ours, theirs] = await both()
    const read = async ({ body }: Response): Promise<unknown> => {
      const reader = body?.getReader({ mode: 'byob' })
      const first = await reader?.read(new Uint8Array(3))
      const second = await reader?.read(new Uint8Array(9))
      const last = await reader?.read(new Uint8Array(1))
      return [first, second, last].map((part) => [part?.done, String(Buffer.from(part?.value ?? []))])
    }

    expect(await read(ours)).toEqual(await read(theirs))
  })

  test('when nothing is to be inflated, it is that of fetch', async () => {
    const users = await answering('hello', 204)
    const client = usersOn([users], { maxBodyBytes: CAP })

    const [plain, empty] = [await client.fetch('http://users/'), await client.fetch('http://users/')]

    expect([Object.hasOwn(plain, 'url'), await plain.text(), empty.body]).toEqual([false, 'hello', null])
    await expect(client.fetch('http://users/', { method: 'HEAD' })).resolves.toHaveProperty('body', null)
  })
})

describe('a reader who leaves', () => {
  const endless = (): Promise<FakeServer> =>
    server((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.write(zlib.gzipSync('begun'))
    })

  test('before the first byte or after it leaves nothing behind', async () => {
    const client = usersOn([await endless()], { maxBodyBytes: CAP })

    const [unread, begun] = [await client.fetch('http://users/'), await client.fetch('http://users/')]
    await unread.body?.cancel()
    const reader = begun.body?.getReader()
    await reader?.read()
    await reader?.cancel(new Error('enough'))

    await isAtRest(client)
  })

  test('by his signal gets his reason', async () => {
    const client = usersOn([await endless()], { maxBodyBytes: CAP })
    const caller = new AbortController()
    const reason = new Error('enough')

    const response = await client.fetch('http://users/', { signal: caller.signal })
    const text = failureOf(response.text())
    caller.abort(reason)

    expect(await text).toBe(reason)
    await isAtRest(client)
  })

  test('of an answer that breaks off hears of it, not of its size', async () => {
    const packed = zlib.gzipSync(Buffer.from('hello'.repeat(1_000)))
    const client = usersOn(
      [
        await answering((_request, response) =>
          response
            .writeHead(200, { 'content-encoding': 'gzip', 'content-length': 999 })
            .write(packed.subarray(0, 20), () => response.destroy()),
        ),
      ],
      { maxBodyBytes: CAP },
    )

    const error = await failureOf((await client.fetch('http://users/')).text())

    expect(error).toMatchObject({ name: 'TypeError', message: 'terminated' })
    expect(error.cause).not.toBeInstanceOf(ResponseTooLargeError)
    await isAtRest(client)
  })
})
