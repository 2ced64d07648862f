import { serialize } from 'node:v8'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CountWindow } from './count-window.js'

interface Call {
  readonly failed: boolean
  readonly slow: boolean
}

const sizes = fc.integer({ min: 1, max: 20 })
const calls = fc.array(fc.record({ failed: fc.boolean(), slow: fc.boolean() }), {
  maxLength: 100,
  size: 'max',
})

/** The specification: count the end of the list again. */
const expected = (size: number, list: readonly Call[]): object => {
  const last = list.slice(-size)
  const failures = last.filter((call) => call.failed).length
  const letters = last.map(({ failed, slow }) => (failed ? (slow ? 'F' : 'f') : slow ? 'S' : 's'))
  return { total: last.length, failures, outcomes: letters.join('') }
}

const seen = (window: CountWindow): object => {
  const { total, failures } = window
  return { total, failures, ...window.save() }
}

describe('CountWindow, compared with a list of calls', () => {
  it('W2: agrees in every count after every call', () => {
    fc.assert(
      fc.property(sizes, calls, (size, list) => {
        const window = new CountWindow(size)
        list.forEach((call, index) => {
          window.push(call.failed, call.slow)
          expect(seen(window)).toEqual(expected(size, list.slice(0, index + 1)))
        })
      }),
    )
  })

  it('W7: takes no more memory for more calls', () => {
    fc.assert(
      fc.property(sizes, calls, fc.integer({ min: 1, max: 100 }), (size, list, rounds) => {
        const window = new CountWindow(size)
        for (let round = 0; round < rounds; round++)
          for (const call of list) window.push(call.failed, call.slow)

        expect(serialize(window).byteLength).toBeLessThan(150 + size)
      }),
      { numRuns: 30 },
    )
  })

  it('W8: saved and restored, is the same window, also for the calls that follow', () => {
    fc.assert(
      fc.property(sizes, calls, calls, (size, list, more) => {
        const window = new CountWindow(size)
        for (const call of list) window.push(call.failed, call.slow)

        const restored = new CountWindow(size)
        restored.push(true, true)
        restored.restore(window.save())

        expect(restored.save()).toEqual(window.save())
        for (const call of more) restored.push(call.failed, call.slow)
        expect(seen(restored)).toEqual(expected(size, [...list, ...more]))
      }),
    )
  })
})
