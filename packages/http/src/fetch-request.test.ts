import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Request as UndiciRequest, Response as UndiciResponse } from 'undici'
import { describe, expect, test } from 'vitest'
import { answering, reset, server, usersOn } from './fleet.model.js'

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let round = 0; round < 3; round++) {
    collect()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe("a platform's Request given to fetch", () => {
  test('is sent as it says: method, headers and body', async () => {
    const users = await answering('made')
    const client = usersOn([users])
    const headers = { 'x-mine': '1' }

    const request = new Request('http://users/42?a=b', { method: 'POST', headers, body: 'text' })
    const response = await client.fetch(request)

    expect([response.status, await response.text(), response.url]).toEqual([
      200,
      'made',
      'http://users/42?a=b',
    ])
    expect(users.got).toMatchObject([{ method: 'POST', url: '/42?a=b', headers, body: 'text' }])
    expect(users.got[0]?.headers['content-type']).toBe('text/plain;charset=UTF-8')
    expect(request.bodyUsed).toBe(true)
  })

  test('yields to what is said beside it, but not to what is left open there', async () => {
    const users = await answering('ok')
    const client = usersOn([users])
    const request = (): Request =>
      new Request('http://users/', { method: 'PUT', headers: { 'x-mine': '1' }, body: 'first' })

    await client.fetch(request(), { method: 'POST', body: 'other', headers: { 'x-mine': '2' } })
    await client.fetch(request(), { method: undefined as never, body: null })

    expect(users.got).toMatchObject([
      { method: 'POST', body: 'other', headers: { 'x-mine': '2' } },
      { method: 'PUT', body: 'first', headers: { 'x-mine': '1' } },
    ])
  })

  test('follows redirects as it says', async () => {
    const users = await answering((_request, response) => response.writeHead(302, { location: '/new' }).end())
    const client = usersOn([users])

    const response = await client.fetch(new Request('http://users/old', { redirect: 'manual' }))

    expect([response.status, response.headers.get('location')]).toEqual([302, '/new'])
    expect(users.got).toHaveLength(1)
  })

  test('ends with its signal, though nobody holds it any more', async () => {
    let ask: () => void = () => undefined
    const isAsked = new Promise<void>((resolve) => (ask = resolve))
    const client = usersOn([await server(() => ask())], { attemptTimeoutMs: false })
    const caller = new AbortController()

    const pending = client.fetch(new Request('http://users/', { signal: caller.signal }))
    await isAsked
    await collectGarbage()
    const reason = new Error('enough')
    caller.abort(reason)

    await expect(pending).rejects.toBe(reason)
  })

  test('is tried again when it has no body, and when the body is said beside it', async () => {
    const users = await answering(reset, 'second', reset, 'fourth')
    const client = usersOn([users])

    const plain = await client.fetch(new Request('http://users/'))
    const beside = await client.fetch(new Request('http://users/', { method: 'PUT' }), { body: 'x' })

    expect([await plain.text(), await beside.text()]).toEqual(['second', 'fourth'])
  })

  test.each([{ keepalive: true }, { mode: 'no-cors' }] as const)(
    'is sent with its body, whatever browsers would mind: %o',
    async (init) => {
      const users = await answering('ok')
      const request = new Request('http://users/', { method: 'POST', body: 'x', ...init })

      expect(await (await usersOn([users]).fetch(request)).text()).toBe('ok')
      expect(users.got).toMatchObject([{ method: 'POST', body: 'x' }])
    },
  )

  test('is refused when its body was read before', async () => {
    const client = usersOn([await answering('ok')])
    const request = new Request('http://users/', { method: 'POST', body: 'x' })
    await request.text()

    await expect(client.fetch(request)).rejects.toBeInstanceOf(TypeError)
  })
})

test("undici's own Request goes through fetch as well", async () => {
  const users = await answering('ok')
  const client = usersOn([users])
  const request = new UndiciRequest('http://users/', { method: 'POST', body: 'x' })

  expect(await (await client.fetch(request as unknown as Request)).text()).toBe('ok')
  expect(users.got).toMatchObject([{ method: 'POST', body: 'x' }])
})

test('an answer is of undici, and makes one of the platform', async () => {
  const users = await answering((_request, response) => response.writeHead(404, { 'x-a': '1' }).end('none'))
  const client = usersOn([users])

  const answer = await client.fetch(new Request('http://users/'))
  const own = new Response(answer.body, answer)

  expect([answer instanceof UndiciResponse, answer instanceof Response]).toEqual([true, false])
  expect([own.status, own.headers.get('x-a'), await own.text()]).toEqual([404, '1', 'none'])
})

describe('a body that is there as a whole', () => {
  test('changes nothing about the headers: a form keeps their names, and leaves what is wrong to fetch', async () => {
    const users = await server((request, response) => response.end(request.rawHeaders.join('\n')))
    const client = usersOn([users])
    const body = new FormData()

    const sent = await client.fetch('http://users/', { method: 'PUT', headers: { 'X-Mine': '1' }, body })

    expect(await sent.text()).toMatch(/X-Mine\n1\n[^]*content-type\nmultipart\/form-data; boundary=/)
    const bad = client.fetch('http://users/', { method: 'GET', headers: { 'x mine': '1' }, body })
    await expect(bad).rejects.toThrow(/x mine/)
  })

  test('may be a form that is too large to be sent again: it is sent once, as a form', async () => {
    const users = await answering('ok')
    const body = new FormData()
    body.append('file', new Blob(['x'.repeat(50)], { type: 'x/y' }), 'f.txt')
    body.append('text', 'y')

    await usersOn([users], { maxReplayBytes: 20 }).fetch('http://users/', { method: 'PUT', body })

    expect(users.got[0]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
    expect(users.got[0]?.body).toMatch(
      /filename="f\.txt"\r\ncontent-type: x\/y\r\n\r\nx{50}\r\n[^]*"text"\r\n\r\ny\r\n/i,
    )
  })

  test('may be a file that cannot be read any more: fetch fails, as it does', async () => {
    const users = await answering('ok')
    const cause = new DOMException('The blob could not be read', 'NotReadableError')
    const body = Object.assign(new Blob(['gone']), { arrayBuffer: () => Promise.reject(cause) })

    const sent = usersOn([users]).fetch('http://users/', { method: 'PUT', body })

    await expect(sent).rejects.toThrow(new TypeError('fetch failed', { cause }))
    expect(users.got).toEqual([])
  })

  test('may be a buffer that was given away: that is an empty one', async () => {
    const users = await answering('ok')
    const { buffer } = new TextEncoder().encode('gone')
    structuredClone(buffer, { transfer: [buffer] })

    await usersOn([users]).fetch('http://users/', { method: 'PUT', body: buffer })

    expect(users.got).toMatchObject([{ body: '', headers: { 'content-length': '0' } }])
  })
})
