import { FallbackFailedError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fallback } from './fallback.js'
import type { FallbackHandler } from './fallback-options.js'

/** A call that fails at some time, and how each handler of its chain would go. */
const handler = fc.record({
  takesMs: fc.option(fc.nat(40), { nil: undefined }),
  answers: fc.boolean(),
})
const call = fc.record({ failsAtMs: fc.nat(100), chain: fc.array(handler, { minLength: 1, maxLength: 3 }) })

describe('fallbacks', () => {
  it('F1 F2: each call gets the first answer, or both reasons; never more run than the limit, and all places come back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(3), fc.array(call, { minLength: 1, maxLength: 12 }), async (limit, calls) => {
        const clock = new SimClock()
        const length = Math.max(...calls.map(({ chain }) => chain.length))
        // Handlers know their call by its error, which is its number.
        const chain: FallbackHandler[] = Array.from({ length }, (_, index) => ({ error }) => {
          const { takesMs, answers } = calls[error as number]?.chain[index] ?? {
            takesMs: undefined,
            answers: false,
          }
          expect(fallback.running).toBeLessThanOrEqual(limit)
          if (takesMs === undefined && !answers) throw new Error(`handler ${index}`)
          if (takesMs === undefined) return index
          return new Promise((resolve, reject) => {
            clock.io(clock.now() + takesMs, () =>
              answers ? resolve(index) : reject(new Error(`handler ${index}`)),
            )
          })
        })
        const fallback = new Fallback({ chain, limit })

        const outcomes = Promise.all(
          calls.map(({ failsAtMs }, id) =>
            fallback.outcome(() => new Promise((_resolve, reject) => clock.io(failsAtMs, () => reject(id)))),
          ),
        )
        await clock.advance(1_000)

        for (const [id, outcome] of (await outcomes).entries()) {
          const first = calls[id]?.chain.findIndex(({ answers }) => answers)
          if (outcome.kind === 'success') {
            expect(outcome.value).toBe(first)
            continue
          }
          expect(outcome.kind).toBe('failure')
          expect(outcome.error).toBeInstanceOf(FallbackFailedError)
          const { cause, fallbackError } = outcome.error as FallbackFailedError
          expect(cause).toBe(id)
          const isRefused = (fallbackError as { code?: string }).code === 'ERR_BULKHEAD_FULL'
          if (!isRefused)
            expect([first, (fallbackError as Error).message]).toEqual([-1, `handler ${length - 1}`])
        }
        expect(fallback.running).toBe(0)
      }),
      { numRuns: 300 },
    )
  }, 60_000)
})
