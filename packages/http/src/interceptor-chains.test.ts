/** undici's own interceptors, around ours and below it, do what they do alone. */
import { gzipSync } from 'node:zlib'
import type { Dispatcher } from 'undici'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { answering, usersOn } from './fleet.model.js'
import type { Answer } from './fleet.model.js'
import { UNDICI_VERSIONS } from './undici-versions.model.js'
import type { Undici } from './undici-versions.model.js'

type Interceptor = Dispatcher.DispatcherComposeInterceptor

const CHAINS: Readonly<Record<string, (undici: Undici) => Interceptor>> = {
  retry: ({ interceptors }) => interceptors.retry({ maxRetries: 1, minTimeout: 1 }),
  redirect: ({ interceptors }) => interceptors.redirect({ maxRedirections: 2 }),
  dump: ({ interceptors }) => interceptors.dump({ maxSize: 10 }),
  cache: ({ interceptors }) => interceptors.cache(),
  decompress: ({ interceptors }) => interceptors.decompress(),
  responseError: ({ interceptors }) => interceptors.responseError(),
}

const serve: Answer = (request, response) => {
  if (request.url === '/zipped') {
    const headers = {
      'content-encoding': 'gzip',
      'set-cookie': ['a=1', 'b=2'],
      'cache-control': 'max-age=60',
    }
    response.writeHead(200, headers).end(gzipSync('hello'))
  } else if (request.url === '/moved') response.writeHead(302, { location: '/large' }).end()
  else if (request.url === '/broken') response.writeHead(500).end('bad')
  else response.writeHead(200, { 'x-name': 'é', 'cache-control': 'max-age=60' }).end('x'.repeat(100_000))
}

const REQUESTS: readonly (readonly [path: string, options?: { method: 'POST'; body: string }])[] = [
  ['/large'],
  ['/large'],
  ['/zipped'],
  ['/zipped'],
  ['/moved'],
  ['/broken'],
  ['/large', { method: 'POST', body: 'hello' }],
]

/** What comes of each request: status, telling headers, the body; or the code and message of the error. */
async function tell({ request }: Undici, dispatcher: Dispatcher, origin: string): Promise<unknown[]> {
  const told: unknown[] = []
  for (const [path, options] of REQUESTS) {
    try {
      const { statusCode, headers, body } = await request(origin + path, { dispatcher, ...options })
      const { 'set-cookie': cookies, 'x-name': name } = headers
      told.push([path, statusCode, cookies, name, await body.text()])
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      told.push([path, code, message])
    }
  }
  return told
}

const nothing: Interceptor = (dispatch) => (options, handler) => dispatch(options, handler)

describe.each(UNDICI_VERSIONS)('on undici %s', (_version, undici) => {
  test.each(Object.keys(CHAINS))('its %s interceptor', async (name) => {
    // Some warn that they are experimental.
    const warning = vi.spyOn(process, 'emitWarning').mockReturnValue()
    onTestFinished(() => {
      warning.mockRestore()
    })
    const users = await answering(serve)
    const ours = usersOn([users], { retry: false, breaker: false }).interceptor() as unknown as Interceptor
    const through = async (chain: Interceptor[], origin: string): Promise<unknown[]> => {
      const agent = new undici.Agent()
      onTestFinished(() => agent.destroy())
      return tell(undici, agent.compose(...chain), origin)
    }
    const make = CHAINS[name]!

    const [alone, around, below] = [
      await through([nothing, make(undici)], users.url),
      await through([ours, make(undici)], 'http://users'),
      await through([make(undici), ours], 'http://users'),
    ]

    expect(around).toEqual(alone)
    expect(below).toEqual(alone)
  })
})
