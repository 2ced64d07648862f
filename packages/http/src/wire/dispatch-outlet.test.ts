import { systemClock } from '@breakwater/kernel'
import type { Dispatcher } from 'undici'
import { BalancedPool } from 'undici-8'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../../../servers/free-ports.ts'
import { dispatchOutlet, legacyOutlet } from './dispatch-outlet.js'
import { OUTLETS, RecordingSink, send } from './wire.model.js'

const ORIGIN = 'http://users'

test('a dispatcher that throws has sent nothing', async () => {
  const thrown = new TypeError('no such thing')
  const outlet = dispatchOutlet(() => {
    throw thrown
  })

  const { exchange, sink } = send(outlet, { origin: ORIGIN })
  await sink.ended

  expect(sink.error).toBe(thrown)
  expect(exchange).toMatchObject({ failureClass: 'never-sent', failureKind: 'transport' })
})

test('a dispatcher that never says a word is given up in time', async () => {
  const outlet = dispatchOutlet(() => true)

  const { exchange, sink } = send(outlet, { origin: 'no canary URL' }, { headTimeoutMs: 20 })
  await sink.ended

  expect(sink.error?.message).toBe('GET [redacted]: no response headers within 20 ms')

  expect(exchange).toMatchObject({ failureClass: 'never-sent', failureKind: 'timeout' })
})

test('an answer that ends without headers is a failure', async () => {
  const outlet = dispatchOutlet((_options, handler) => {
    const controller = { abort: () => undefined } as unknown as Dispatcher.DispatchController
    handler.onRequestStart?.(controller, {})
    handler.onResponseStart?.(controller, 103, {}, '')
    handler.onResponseData?.(controller, Buffer.from('x'))
    handler.onResponseEnd?.(controller, {})
    return true
  })

  const { exchange, sink } = send(outlet, { origin: ORIGIN })
  await sink.ended

  expect(sink.error?.message).toBe('GET http://users: the answer ended without headers')
  expect(exchange).toMatchObject({ failureClass: 'maybe-processed', failureKind: 'transport' })
})

test('a dispatcher that goes on after the end is not heard', async () => {
  const controller = { abort: () => undefined } as unknown as Dispatcher.DispatchController
  let handler: Dispatcher.DispatchHandler = {}
  const outlet = dispatchOutlet((_options, given) => {
    handler = given
    return true
  })
  const sink = new RecordingSink()
  const spoken: string[] = []
  const noting = Object.assign(sink, {
    onBodySent: () => spoken.push('body'),
    onRequestSent: () => spoken.push('sent'),
    onResponseStarted: () => spoken.push('started'),
    onInformation: () => spoken.push('information'),
    onStart: () => spoken.push('start'),
  })
  const exchange = outlet.open(noting, { clock: systemClock })
  exchange.start({ origin: ORIGIN, path: '/', method: 'GET' }, systemClock.now())

  exchange.abort(new Error('over'))
  const all = handler as Required<Dispatcher.DispatchHandler> & { onRequestSent(): void }
  all.onRequestStart(controller, {})
  all.onBodySent(1, 1)
  all.onRequestSent()
  all.onResponseStarted()
  all.onResponseStart(controller, 103, {}, '')
  all.onResponseStart(controller, 200, {}, '')
  all.onResponseData(controller, Buffer.from('x'))
  all.onResponseEnd(controller, {})
  all.onResponseError(controller, new Error('late'))

  expect(sink.heard).toEqual(['failure'])
  expect(spoken).toEqual([])
  expect(exchange.isSent).toBe(false)
})

test('a dispatcher of undici 7 that connects after the end is told to stop, without a throw', () => {
  let handler: Dispatcher.DispatchHandler = {}
  const outlet = legacyOutlet((_options, given) => {
    handler = given
    return true
  })
  const { exchange } = send(outlet, { origin: ORIGIN })
  const reason = new Error('over')
  exchange.abort(reason)
  const stopped: (Error | undefined)[] = []

  handler.onConnect?.((error) => stopped.push(error))

  expect(stopped).toEqual([reason])
})

describe.each(OUTLETS)('on $name', ({ make }) => {
  test('requests that wait behind a refused connection all end', async () => {
    const origin = `http://127.0.0.1:${String(await freePort())}`
    const outlet = make(origin, 1)

    const sent = Array.from({ length: 12 }, () => send(outlet, { origin }, { headTimeoutMs: 200 }))
    await Promise.all(sent.map(({ sink }) => sink.ended))

    expect(sent.map(({ sink }) => sink.heard)).toEqual(Array(12).fill(['failure']))
    expect(sent.every(({ exchange }) => exchange.failureClass === 'never-sent')).toBe(true)
  })
})

// Of undici 8.12.0 to 8.12.4.
test('requests that a balanced pool forgets behind a refused connection end in time', async () => {
  const origin = `http://127.0.0.1:${String(await freePort())}`
  const pool = new BalancedPool([origin], { connections: 1 })
  onTestFinished(() => pool.destroy())
  const dispatch = pool.dispatch.bind(pool) as unknown as Dispatcher.Dispatch
  const outlet = dispatchOutlet((options, handler) => dispatch(options, handler))

  const sent = Array.from({ length: 12 }, () => send(outlet, { origin }, { headTimeoutMs: 200 }))
  await Promise.all(sent.map(({ sink }) => sink.ended))

  expect(sent.filter(({ exchange }) => exchange.failureKind === 'timeout').length).toBeGreaterThan(0)
  expect(sent.every(({ exchange }) => exchange.failureClass === 'never-sent')).toBe(true)
})
