/** What a handler that somebody gives to `dispatcher.dispatch` hears, and what its controller tells and does. */
import type { Dispatcher } from 'undici'
import { expect, test } from 'vitest'
import { answering, isAtRest, nobody, server, silence, usersOn } from './fleet.model.js'
import type { HttpClient } from './http-client.js'
import { bytesArrived } from './wire/hostile-server.model.js'

/** A handler that writes down what it hears. */
class Listener implements Dispatcher.DispatchHandler {
  readonly heard: string[] = []
  readonly ended: Promise<void>
  controller!: Dispatcher.DispatchController
  body = ''
  error: Error | undefined = undefined
  private end: () => void = () => undefined

  constructor() {
    this.ended = new Promise((resolve) => (this.end = resolve))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.heard.push('start')
    this.controller = controller
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    this.heard.push(`head ${String(status)}, aborted: ${String(controller.aborted)}`)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.body += chunk.toString()
  }

  onResponseEnd(): void {
    this.heard.push('end')
    this.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.heard.push('error')
    this.error = error
    this.end()
  }

  onBodySent(chunk: unknown): void {
    this.heard.push(`sent ${String(chunk)}`)
  }

  onRequestSent(): void {
    this.heard.push('all sent')
  }

  onResponseStarted(): void {
    this.heard.push('first byte')
  }
}

function dispatch<L extends Listener>(client: HttpClient, listener: L, more: object = {}): L {
  client.dispatcher.dispatch({ origin: 'http://users', path: '/', method: 'GET', ...more }, listener)
  return listener
}

test('hears what is sent, and what comes, once and in order', async () => {
  const client = usersOn([await answering('good')])

  const listener = dispatch(client, new Listener(), { method: 'PUT', body: 'body' })
  await listener.ended

  expect(listener.heard).toEqual([
    'start',
    'sent body',
    'all sent',
    'first byte',
    'head 200, aborted: false',
    'end',
  ])
  expect([listener.body, listener.error]).toEqual(['good', undefined])
})

test('that pauses before there is an answer gets its headers, and the body when it goes on', async () => {
  const client = usersOn([await answering('good')])
  class Paused extends Listener {
    override onRequestStart(controller: Dispatcher.DispatchController): void {
      super.onRequestStart(controller)
      controller.pause()
    }
  }

  const listener = dispatch(client, new Paused())
  await expect.poll(() => listener.heard.at(-1)).toBe('head 200, aborted: false')
  await bytesArrived()
  const [meanwhile, isPaused] = [listener.body, listener.controller.paused]
  listener.controller.resume()
  await listener.ended

  expect([meanwhile, isPaused, listener.body, listener.controller.paused]).toEqual(['', true, 'good', false])
})

test('is told that nobody aborted, when a failing answer is passed on after all', async () => {
  const client = usersOn([await answering(503)], { retry: { maxRetries: 1 } })

  const listener = dispatch(client, new Listener())
  await listener.ended

  expect(listener.heard.slice(-2)).toEqual(['head 503, aborted: false', 'end'])
  expect(listener.controller).toMatchObject({ aborted: false, reason: null })
})

test('may put other raw headers and trailers to the controller, for the handlers around it', async () => {
  const client = usersOn([await answering('good')])
  const raw = [Buffer.from('x-own'), Buffer.from('1')]
  const seen: unknown[] = []
  class Replacing extends Listener {
    override onResponseStart(controller: Dispatcher.DispatchController): void {
      seen.push(Array.isArray(controller.rawHeaders))
      controller.rawHeaders = raw
    }

    override onResponseEnd(): void {
      this.controller.rawTrailers = raw
      seen.push(this.controller.rawHeaders, this.controller.rawTrailers)
      super.onResponseEnd()
    }
  }

  await dispatch(client, new Replacing()).ended

  expect(seen).toEqual([true, raw, raw])
})

test('finds the reason of a failure at its controller', async () => {
  const client = usersOn([await nobody()], { retry: false })

  const listener = dispatch(client, new Listener())
  await listener.ended

  expect(listener.error).toMatchObject({ code: 'ECONNREFUSED' })
  expect(listener.controller).toMatchObject({ aborted: false, reason: listener.error })
})

test.each([
  ['with a reason', new Error('enough')],
  ['without one', undefined],
])('that aborts, %s, hears of it once, and of nothing after that', async (_how, reason) => {
  const client = usersOn([await answering(silence)])

  const listener = dispatch(client, new Listener(), { method: 'PUT', body: 'body' })
  await expect.poll(() => listener.heard).toContain('all sent')
  listener.controller.abort(reason as Error)
  listener.controller.abort(new Error('again'))
  listener.controller.resume()
  await isAtRest(client)

  expect(listener.heard).toEqual(['start', 'sent body', 'all sent', 'error'])
  expect(listener.controller).toMatchObject({ aborted: true, reason: listener.error })
  if (reason === undefined) expect(listener.error).toMatchObject({ code: 'UND_ERR_ABORTED' })
  else expect(listener.error).toBe(reason)
})

test.each(['onRequestStart', 'onResponseStart', 'onResponseData', 'onResponseEnd'] as const)(
  'that throws in %s leaves nothing behind',
  async (where) => {
    const thrown = new Error('from the handler')
    const client = usersOn([await answering('good', 'good')], { retry: false })
    class Throwing extends Listener {
      constructor() {
        super()
        this[where] = () => {
          throw thrown
        }
      }
    }

    try {
      dispatch(client, new Throwing())
    } catch (error) {
      expect([where, error]).toEqual(['onRequestStart', thrown])
    }
    await isAtRest(client)

    const next = dispatch(client, new Listener())
    await next.ended
    expect(next.body).toBe('good')
  },
)

test.each([
  ['an answer', 'good', undefined],
  ['a failing answer, passed on after all', 503, undefined],
  ['that of a fallback', 503, () => ({ status: 200, body: 'instead' })],
] as const)('that throws at %s hears of it as of any other error', async (_what, answer, fallback) => {
  for (const where of ['onResponseStart', 'onResponseData', 'onResponseEnd'] as const) {
    const thrown = new Error(`from ${where}`)
    const client = usersOn([await answering(answer, 'body')], { retry: false, fallback })
    class Throwing extends Listener {
      constructor() {
        super()
        this[where] = () => {
          throw thrown
        }
      }
    }

    const listener = dispatch(client, new Throwing())
    await listener.ended
    await isAtRest(client)

    expect(listener.error).toBe(thrown)
    expect(listener.heard.filter((word) => word === 'error')).toHaveLength(1)
    expect(listener.controller.aborted).toBe(false)
  }
})

test('where the answer counts as given with its headers, its instance is free while the body comes', async () => {
  let finish = (): unknown => undefined
  const users = await server((_request, response) => {
    response.writeHead(200).write('begun')
    finish = () => response.end(' and done')
  })
  const inFlightDuring = async (client: HttpClient): Promise<unknown> => {
    const { body } = await client.request('http://users/')
    const during = client.snapshot().services[0]?.balancer
    finish()
    await body.text()
    await isAtRest(client)
    return [during?.inFlight, during?.calls.success]
  }

  expect(await inFlightDuring(usersOn([users], { endsWith: 'headers' }))).toEqual([0, 1])
  expect(await inFlightDuring(usersOn([users]))).toEqual([1, 0])
})
