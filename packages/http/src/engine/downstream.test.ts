/** What a handler of undici hears, of either generation, and what it may say. */
import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import { describe, expect, test } from 'vitest'
import { downstreamOf } from './downstream.js'
import type { Control, Downstream, Head } from './downstream.js'

type Told = readonly [name: string, ...values: unknown[]]

const MODERN = ['onRequestStart', 'onRequestUpgrade', 'onResponseStart', 'onResponseData', 'onResponseEnd']
const LEGACY = ['onConnect', 'onUpgrade', 'onHeaders', 'onData', 'onComplete', 'onError']
const BOTH = ['onBodySent', 'onRequestSent', 'onResponseStarted']

/** A handler with these callbacks, which writes down what it hears; `says`: what they return. */
function handlerOf(names: readonly string[], told: Told[], says: Readonly<Record<string, unknown>> = {}) {
  const callbacks = names.map((name) => [
    name,
    (...values: unknown[]) => {
      told.push([name, ...values])
      return says[name]
    },
  ])
  return Object.fromEntries(callbacks) as Dispatcher.DispatchHandler
}

class Controls implements Control {
  aborted = false
  paused = false
  reason: Error | null = null
  rawHeaders: undefined = undefined
  rawTrailers: undefined = undefined

  abort(reason?: Error): void {
    this.aborted = true
    this.reason = reason ?? null
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }
}

const raw = [Buffer.from('X-A'), Buffer.from('1')]
const headOf = (rawHeaders: unknown): Head => ({
  statusCode: 200,
  statusText: 'OK',
  headers: { 'set-cookie': ['a=1', 'b=2'], 'x-none': undefined, 'x-\u00e9': '\u00e9' },
  rawHeaders: rawHeaders as Head['rawHeaders'],
})
const written = (pairs: unknown): string[] => (pairs as Buffer[]).map((text) => text.toString('latin1'))

const PAIRS = ['set-cookie', 'a=1', 'set-cookie', 'b=2', 'x-\u00e9', '\u00e9']

describe('a handler of the older generation', () => {
  const older = (says?: Readonly<Record<string, unknown>>): { told: Told[]; downstream: Downstream } => {
    const told: Told[] = []
    return { told, downstream: downstreamOf(handlerOf([...LEGACY, ...BOTH], told, says)) }
  }

  test('gets an abort with its start, and it reaches the request', () => {
    const { told, downstream } = older()
    const control = new Controls()

    downstream.start(control)
    const reason = new Error('enough')
    ;(told[0]?.[1] as (reason: Error) => void)(reason)

    expect([told[0]?.[0], told[0]?.[2], control.reason]).toEqual(['onConnect', null, reason])
  })

  test('gets raw headers as they are, and pairs of buffers where there are none, one for each value', () => {
    for (const [given, expected] of [
      [raw, ['X-A', '1']],
      [undefined, PAIRS],
      [{ ':status': '200' }, PAIRS],
    ] as const) {
      const { told, downstream } = older()
      downstream.head(new Controls(), headOf(given))
      const [name, status, headers, , text] = told[0] ?? ['']

      expect([name, status, text]).toEqual(['onHeaders', 200, 'OK'])
      expect(written(headers)).toEqual(expected)
      if (given === raw) expect(headers).toBe(raw)
    }
  })

  test.each(['onHeaders', 'onData'])('pauses by what %s returns, and resumes by its function', (by) => {
    for (const goesOn of [false, true, undefined]) {
      const { told, downstream } = older({ [by]: goesOn })
      const control = new Controls()
      downstream.start(control)

      downstream.head(control, headOf(raw))
      downstream.data(control, Buffer.from('x'))
      const wasPaused = control.paused
      ;(told[1]?.[3] as () => void)()

      expect([wasPaused, control.paused]).toEqual([goesOn === false, false])
      expect(told[2]).toEqual(['onData', Buffer.from('x')])
    }
  })

  test('gets trailers raw, with all their values', () => {
    const { told, downstream } = older()

    downstream.end(new Controls(), { trailers: {}, rawTrailers: raw })
    downstream.end(new Controls(), { trailers: { 'x-sum': ['1', '2'] }, rawTrailers: null })

    expect(told[0]?.[1]).toBe(raw)
    expect(written(told[1]?.[1])).toEqual(['x-sum', '1', 'x-sum', '2'])
  })

  test('hears of answers before the final one, and of an upgrade', () => {
    const { told, downstream } = older()
    const socket = {} as Duplex
    const control = new Controls()
    downstream.start(control)
    control.pause()

    downstream.information(control, 103, { link: '</a>' })
    ;(told[1]?.[3] as () => void)()
    downstream.upgrade(control, { ...headOf(raw), statusCode: 101 }, socket)

    expect([told[1]?.[0], told[1]?.[1], written(told[1]?.[2])]).toEqual(['onHeaders', 103, ['link', '</a>']])
    expect(control.paused).toBe(false)
    expect(told[2]).toEqual(['onUpgrade', 101, raw, socket])
  })

  test.each<[string, (downstream: Downstream, control: Controls) => void]>([
    ['its end', (downstream, control) => downstream.end(control, { trailers: {}, rawTrailers: null })],
    ['an error', (downstream, control) => downstream.error(control, new Error('cut'))],
    ['an upgrade', (downstream, control) => downstream.upgrade(control, headOf(raw), {} as Duplex)],
  ])('has nothing of the request any more after %s, whatever it keeps', (_what, endBy) => {
    const { told, downstream } = older({ onHeaders: false })
    const control = new Controls()
    downstream.start(control)
    downstream.head(control, headOf(raw))

    endBy(downstream, control)
    ;(told[0]?.[1] as (reason: Error) => void)(new Error('late'))
    ;(told[1]?.[3] as () => void)()

    expect([control.aborted, control.paused]).toEqual([false, true])
  })

  test('hears of errors', () => {
    const { told, downstream } = older()
    const error = new Error('cut')

    downstream.error(new Controls(), error)

    expect(told).toEqual([['onError', error]])
  })
})

describe('a handler of the newer generation', () => {
  test('gets the controller of the request each time, and what is parsed', () => {
    const told: Told[] = []
    const downstream = downstreamOf(handlerOf([...MODERN, 'onResponseError', ...BOTH], told))
    const [control, head, error] = [new Controls(), headOf(raw), new Error('cut')]
    const [chunk, socket] = [Buffer.from('x'), {} as Duplex]

    downstream.start(control)
    downstream.information(control, 103, { link: '</a>' })
    downstream.head(control, head)
    downstream.data(control, chunk)
    downstream.end(control, { trailers: { a: 'b' }, rawTrailers: raw })
    downstream.upgrade(control, { ...head, statusCode: 101 }, socket)
    downstream.error(control, error)

    expect(told).toEqual([
      ['onRequestStart', control, {}],
      ['onResponseStart', control, 103, { link: '</a>' }, ''],
      ['onResponseStart', control, 200, head.headers, 'OK'],
      ['onResponseData', control, chunk],
      ['onResponseEnd', control, { a: 'b' }],
      ['onRequestUpgrade', control, 101, head.headers, socket],
      ['onResponseError', control, error],
    ])
  })
})

describe.each([
  ['older', LEGACY],
  ['newer', [...MODERN, 'onResponseError']],
])('a handler of the %s generation', (_generation, names) => {
  test('hears what of the request has been sent', () => {
    const told: Told[] = []
    const downstream = downstreamOf(handlerOf([...names, ...BOTH], told))

    downstream.bodySent('chunk')
    downstream.requestSent()
    downstream.responseStarted()

    expect(told).toEqual([['onBodySent', 'chunk'], ['onRequestSent'], ['onResponseStarted']])
  })

  test('may be without everything but its start', () => {
    const told: Told[] = []
    const downstream = downstreamOf(handlerOf(names.slice(0, 1), told))
    const [control, head] = [new Controls(), headOf(raw)]

    downstream.start(control)
    downstream.information(control, 103, {})
    downstream.head(control, head)
    downstream.data(control, Buffer.from('x'))
    downstream.bodySent('x')
    downstream.requestSent()
    downstream.responseStarted()
    downstream.upgrade(control, head, {} as Duplex)
    downstream.end(control, { trailers: {}, rawTrailers: null })
    downstream.error(control, new Error('cut'))

    expect(told).toHaveLength(1)
  })
})

test('a handler that speaks both hears what is raw, as it came, and nothing twice', () => {
  const told: Told[] = []
  const downstream = downstreamOf(handlerOf([...LEGACY, ...MODERN, 'onResponseError', ...BOTH], told))
  const control = new Controls()

  downstream.start(control)
  downstream.head(control, headOf(raw))
  downstream.end(control, { trailers: {}, rawTrailers: raw })

  expect(told.map(([name]) => name)).toEqual(['onConnect', 'onHeaders', 'onComplete'])
  expect([told[1]?.[2], told[2]?.[1]]).toEqual([raw, raw])
})

test('a newer handler that has one name of the older generation is a newer one', () => {
  for (const name of ['onConnect', 'onHeaders']) {
    const told: Told[] = []
    downstreamOf(handlerOf([...MODERN, name], told)).start(new Controls())

    expect(told.map(([called]) => called)).toEqual(['onRequestStart'])
  }
})

test.each([{}, { onHeaders: () => true }, { onResponseStart: () => undefined }, { onConnect: true }])(
  'what nobody could be told through is refused, as undici refuses it: %o',
  (handler) => {
    expect(() => downstreamOf(handler as Dispatcher.DispatchHandler)).toThrow(
      expect.objectContaining({ code: 'UND_ERR_INVALID_ARG' }),
    )
  },
)
