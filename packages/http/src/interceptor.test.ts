import { gzipSync } from 'node:zlib'
import { constant } from '@breakwater/breaker'
import * as undici7 from 'undici'
import * as undici8 from 'undici-8'
import { expect, describe, onTestFinished, test, vi } from 'vitest'
import { answering, clientOf, reset, silence, usersOn } from './fleet.model.js'
import { UNDICI_VERSIONS } from './undici-versions.model.js'

describe.each(UNDICI_VERSIONS)('on undici %s', (_version, undici) => {
  function agentOn(client: ReturnType<typeof clientOf>): undici7.Dispatcher {
    const agent = new undici.Agent()
    onTestFinished(() => agent.destroy())
    return agent.compose(client.interceptor())
  }

  test('requests go to instances, and to others when these fail', async () => {
    const [bad, good] = [await answering(503), await answering('good')]
    const agent = agentOn(usersOn([bad, good], { retry: { backoff: constant({ ms: 1 }) } }))

    for (let call = 0; call < 4; call++) {
      const { statusCode, body } = await undici.request('http://users/x', { dispatcher: agent })
      expect([statusCode, await body.text()]).toEqual([200, 'good'])
    }
    expect(good.got[0]?.headers.host).toBe(new URL(good.url).host)
  })

  test('answers that are not final come with their headers, raw too', async () => {
    const agent = agentOn(
      usersOn([
        await answering((_request, response) => {
          response.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => response.end('good'))
        }),
      ]),
    )
    const told: unknown[] = []

    const onInfo = (info: unknown): unknown => told.push(info)
    for (const responseHeaders of ['raw', null] as const) {
      const { body } = await undici.request('http://users/x', { dispatcher: agent, responseHeaders, onInfo })
      await body.text()
    }

    const link = '</style.css>; rel=preload'
    expect(told).toEqual([
      { statusCode: 103, headers: ['Link', link] },
      { statusCode: 103, headers: { link } },
    ])
  })

  test('its fetch does too, and keeps the logical URL', async () => {
    const [cut, good] = [await answering(reset), await answering('good')]
    const agent = agentOn(usersOn([cut, good], { retry: { backoff: constant({ ms: 1 }) } }))

    for (let call = 0; call < 2; call++) {
      const response = await undici.fetch('http://users/x', { dispatcher: agent })
      expect([response.url, await response.text()]).toEqual(['http://users/x', 'good'])
    }
  })

  test('an abort ends a request that nobody answers', async () => {
    const agent = agentOn(usersOn([await answering(silence)]))
    const caller = new AbortController()
    const reason = new Error('enough')

    const pending = undici.request('http://users/', { dispatcher: agent, signal: caller.signal })
    setImmediate(() => {
      caller.abort(reason)
    })

    await expect(pending).rejects.toBe(reason)
  })

  test('a large answer comes whole to a slow reader', async () => {
    const size = 2_000_000
    const users = await answering((_request, response) => response.end(Buffer.alloc(size, 'x')))
    const agent = agentOn(usersOn([users]))

    const { body } = await undici.request('http://users/', { dispatcher: agent })
    let read = 0
    for await (const chunk of body) {
      read += (chunk as Buffer).length
      await new Promise((resolve) => setImmediate(resolve))
    }

    expect(read).toBe(size)
  })

  test('a MockAgent, which knows no pause, is a transport too', async () => {
    const mock = new undici.MockAgent()
    onTestFinished(() => mock.close())
    mock.disableNetConnect()
    const reply = { path: '/', method: 'GET' }
    mock.get('http://10.0.0.1').intercept(reply).reply(503, 'not now').times(2)
    const client = usersOn(['http://10.0.0.1'], { retry: { backoff: constant({ ms: 1 }), maxRetries: 1 } })

    const answer = await undici.request('http://users/', { dispatcher: mock.compose(client.interceptor()) })

    expect([answer.statusCode, await answer.body.text()]).toEqual([503, 'not now'])
  })

  test('headers and trailers that come several times do so for its fetch and its request', async () => {
    const users = await answering((_request, response) => {
      response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'], trailer: 'x-sum' })
      response.write('body')
      response.addTrailers({ 'x-sum': '42' })
      response.end()
    })
    const dispatcher = agentOn(usersOn([users]))

    const response = await undici.fetch('http://users/', { dispatcher })
    const { headers, trailers, body } = await undici.request('http://users/', { dispatcher })

    expect([response.headers.getSetCookie(), await response.text()]).toEqual([['a=1', 'b=2'], 'body'])
    expect([headers['set-cookie'], await body.text(), trailers]).toEqual([
      ['a=1', 'b=2'],
      'body',
      { 'x-sum': '42' },
    ])
  })

  test('headers that are wanted raw come as they were written', async () => {
    const users = await answering((_request, response) => response.writeHead(200, { 'X-Case': 'Kept' }).end())
    const dispatcher = agentOn(usersOn([users]))
    const options = { dispatcher, responseHeaders: 'raw' } as const

    const { headers, body } = await undici.request('http://users/', options)
    await body.dump()

    expect(Object.values(headers).map(String).slice(0, 2)).toEqual(['X-Case', 'Kept'])
  })

  test("undici's own retries around it, which throw at the end of a failing answer, end with an error", async () => {
    const users = await answering(500, 'good')
    const ours = usersOn([users], { retry: false }).interceptor()
    const agent = new undici.Agent()
    onTestFinished(() => agent.destroy())
    const retrying = (maxRetries: number): undici7.Dispatcher =>
      agent.compose(ours, undici.interceptors.retry({ maxRetries, minTimeout: 1 }))

    await expect(undici.request('http://users/', { dispatcher: retrying(0) })).rejects.toThrow(
      'Request failed',
    )
    const { body } = await undici.request('http://users/', { dispatcher: retrying(1) })

    expect(await body.text()).toBe('good')
  })

  test("undici's own decompression, around it or below, gives what was compressed", async () => {
    const users = await answering((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('good'))
    })
    const ours = usersOn([users]).interceptor()
    // It warns that it is experimental.
    const warning = vi.spyOn(process, 'emitWarning').mockReturnValue()
    onTestFinished(() => {
      warning.mockRestore()
    })
    const decompress = undici.interceptors.decompress() as unknown as typeof ours
    for (const chain of [
      [ours, decompress],
      [decompress, ours],
    ]) {
      const agent = new undici.Agent()
      onTestFinished(() => agent.destroy())

      const { body } = await undici.request('http://users/', { dispatcher: agent.compose(...chain) })

      expect(await body.text()).toBe('good')
    }
  })

  test('hosts outside of services stay where they are', async () => {
    const other = await answering('other')
    const agent = agentOn(clientOf({}))

    const { body } = await undici.request(other.url, { dispatcher: agent })

    expect(await body.text()).toBe('other')
  })
})

test('an interceptor fits the types of either major, without a cast', async () => {
  const users = await answering('good')
  const client = usersOn([users])
  const [seven, eight] = [new undici7.Agent(), new undici8.Agent()]
  onTestFinished(async () => {
    await Promise.all([seven.destroy(), eight.destroy()])
  })

  const answers = [
    await undici7.request('http://users/', { dispatcher: seven.compose(client.interceptor()) }),
    await undici8.request('http://users/', { dispatcher: eight.compose(client.interceptor()) }),
  ]

  expect(await Promise.all(answers.map(({ body }) => body.text()))).toEqual(['good', 'good'])
})

test.each(UNDICI_VERSIONS)(
  'undici %s is handed the kind of handler that it takes as it is',
  async (version, undici) => {
    const users = await answering('good')
    const agent = new undici.Agent()
    onTestFinished(() => agent.destroy())
    const handed: undici7.Dispatcher.DispatchHandler[] = []
    const dispatch = agent.dispatch.bind(agent)
    agent.dispatch = (options, handler) => {
      handed.push(handler)
      return dispatch(options, handler)
    }

    const dispatcher = agent.compose(usersOn([users]).interceptor())
    const { body } = await undici.request('http://users/', { dispatcher })

    expect(await body.text()).toBe('good')
    const isLegacy = handed.map(({ onRequestStart }) => onRequestStart === undefined)
    expect(isLegacy).toEqual([version.startsWith('7')])
  },
)

test('an interceptor takes a dispatch function, and gives one of two parameters', () => {
  const dispatch = clientOf({}).interceptor()(() => true)

  expect(dispatch).toHaveLength(2)
})
