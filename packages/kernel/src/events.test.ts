import { beforeEach, describe, expect, it, vi } from 'vitest'
import { InvalidOptionsError } from './errors.js'
import { Emitter } from './events.js'
import { onInternalError } from './internal-errors.js'

interface Events {
  open: { readonly at: number }
  close: number
  constructor: string
}

const reported = vi.fn()

beforeEach(() => {
  reported.mockReset()
  return onInternalError(reported)
})

describe('Emitter', () => {
  it('delivers a payload to the listeners of that event, in order of subscription, before emit returns', () => {
    const emitter = new Emitter<Events>()
    const heard: unknown[] = []
    emitter.on('open', (payload) => heard.push(['first', payload]))
    emitter.on('open', (payload) => heard.push(['second', payload]))
    emitter.on('close', (payload) => heard.push(['close', payload]))

    emitter.emit('open', { at: 5 })

    expect(heard).toEqual([
      ['first', { at: 5 }],
      ['second', { at: 5 }],
    ])
  })

  it('costs and does nothing when nobody listens', () => {
    const emitter = new Emitter<Events>()
    emitter.emit('close', 1)
    emitter.clear()

    const listener = vi.fn()
    emitter.on('close', listener)
    emitter.emit('constructor', 'x')

    expect(listener).not.toHaveBeenCalled()
  })

  it('knows whether anybody listens', () => {
    const emitter = new Emitter<Events>()
    expect(emitter.hasListeners('open')).toBe(false)

    const unsubscribe = emitter.on('open', () => undefined)
    expect(emitter.hasListeners('open')).toBe(true)
    expect(emitter.hasListeners('close')).toBe(false)

    unsubscribe()
    expect(emitter.hasListeners('open')).toBe(false)
  })

  it('unsubscribes one subscription only, however often it is asked', () => {
    const emitter = new Emitter<Events>()
    const listener = vi.fn()
    const unsubscribe = emitter.on('close', listener)
    emitter.on('close', listener)

    unsubscribe()
    unsubscribe()
    emitter.emit('close', 1)

    expect(listener).toHaveBeenCalledTimes(1)
  })

  it('can be left after it was cleared', () => {
    const emitter = new Emitter<Events>()
    const unsubscribe = emitter.on('close', () => undefined)
    emitter.clear()

    expect(unsubscribe).not.toThrow()
  })

  it('refuses a listener that is no function', () => {
    const emitter = new Emitter<Events>('CircuitBreaker')
    const bad = 'nope' as unknown as () => void

    expect(() => emitter.on('open', bad)).toThrow(InvalidOptionsError)
    expect(() => emitter.on('open', bad)).toThrow(
      'Invalid arguments for CircuitBreaker.on:\n  listener: expected a function, received "nope"',
    )
  })

  it('reports a listener that throws and goes on with the next', () => {
    const emitter = new Emitter<Events>('users')
    const error = new Error('listener')
    const next = vi.fn()
    emitter.on('close', () => {
      throw error
    })
    emitter.on('close', next)

    emitter.emit('close', 1)

    expect(next).toHaveBeenCalledTimes(1)
    expect(reported.mock.calls).toEqual([[error, 'users: listener of "close"']])
  })

  it('has a general name in reports when it was given none', () => {
    const emitter = new Emitter<Events>()
    emitter.on('close', () => {
      throw new Error('listener')
    })

    emitter.emit('close', 1)

    expect(reported.mock.calls[0]?.[1]).toBe('emitter: listener of "close"')
  })

  it('reports a listener whose promise rejects', async () => {
    const emitter = new Emitter<Events>('users')
    const error = new Error('async listener')
    emitter.on('close', () => Promise.reject(error))

    emitter.emit('close', 1)
    await Promise.resolve()

    expect(reported.mock.calls).toEqual([[error, 'users: listener of "close"']])
  })

  it('puts off events that a listener emits until the present one is delivered to all', () => {
    const emitter = new Emitter<Events>()
    const heard: string[] = []
    emitter.on('open', ({ at }) => {
      heard.push(`a open ${at}`)
      if (at === 1) {
        emitter.emit('close', 1)
        emitter.emit('open', { at: 2 })
        heard.push('a done')
      }
    })
    emitter.on('open', ({ at }) => heard.push(`b open ${at}`))
    emitter.on('close', (n) => heard.push(`close ${n}`))

    emitter.emit('open', { at: 1 })

    expect(heard).toEqual(['a open 1', 'a done', 'b open 1', 'close 1', 'a open 2', 'b open 2'])
  })

  it('does not call a listener that was removed by an earlier one, in the same or an earlier event', () => {
    const emitter = new Emitter<Events>()
    const sameEvent = vi.fn()
    const laterEvent = vi.fn()
    emitter.on('open', () => {
      emitter.emit('close', 1)
      removeSame()
      removeLater()
    })
    const removeSame = emitter.on('open', sameEvent)
    const removeLater = emitter.on('close', laterEvent)

    emitter.emit('open', { at: 1 })

    expect(sameEvent).not.toHaveBeenCalled()
    expect(laterEvent).not.toHaveBeenCalled()
  })

  it('does not tell a new listener of events from before it came', () => {
    const emitter = new Emitter<Events>()
    const late = vi.fn()
    const once = emitter.on('open', () => {
      once()
      emitter.emit('close', 1)
      emitter.on('close', late)
      emitter.emit('close', 2)
    })
    emitter.on('close', () => undefined)

    emitter.emit('open', { at: 1 })

    expect(late.mock.calls).toEqual([[2]])
  })

  it('keeps delivering after a listener removed itself', () => {
    const emitter = new Emitter<Events>()
    const next = vi.fn()
    const remove = emitter.on('close', () => {
      remove()
    })
    emitter.on('close', next)

    emitter.emit('close', 1)
    emitter.emit('close', 2)

    expect(next.mock.calls).toEqual([[1], [2]])
  })

  it('is empty after clear, even in the middle of a delivery, and can be used again', () => {
    const emitter = new Emitter<Events>()
    const old = vi.fn()
    const fresh = vi.fn()
    emitter.on('open', () => {
      emitter.emit('close', 1)
      emitter.clear()
      emitter.on('close', fresh)
      emitter.emit('close', 2)
    })
    emitter.on('open', old)
    emitter.on('close', old)

    emitter.emit('open', { at: 1 })

    expect(old).not.toHaveBeenCalled()
    expect(fresh.mock.calls).toEqual([[2]])
    expect(emitter.hasListeners('open')).toBe(false)
  })

  it('delivers nothing more when it was cleared, though events were put off', () => {
    const emitter = new Emitter<Events>()
    emitter.on('open', () => {
      emitter.emit('close', 1)
      emitter.clear()
    })
    const heard = vi.fn()
    emitter.on('close', heard)

    emitter.emit('open', { at: 1 })

    expect(heard).not.toHaveBeenCalled()
  })

  it('does not put off events that nobody listens to, however many', () => {
    const emitter = new Emitter<Events>()
    emitter.on('open', () => {
      for (let count = 0; count < 10_001; count++) emitter.emit('close', count)
    })

    emitter.emit('open', { at: 1 })

    expect(reported).not.toHaveBeenCalled()
  })

  it('calls no further listener of the event during which it is cleared', () => {
    const emitter = new Emitter<Events>()
    const next = vi.fn()
    emitter.on('close', () => {
      emitter.clear()
    })
    emitter.on('close', next)

    emitter.emit('close', 1)

    expect(next).not.toHaveBeenCalled()
  })

  it('ends a chain of listeners that answer each event with another, and reports it', () => {
    const emitter = new Emitter<Events>('users')
    let delivered = 0
    emitter.on('close', (n) => {
      delivered += 1
      emitter.emit('close', n + 1)
    })

    emitter.emit('close', 0)

    expect(delivered).toBe(10_001)
    expect(reported).toHaveBeenCalledTimes(1)
    expect(reported.mock.calls).toEqual([[new RangeError('listeners emit events without end'), 'users']])
  })
})
