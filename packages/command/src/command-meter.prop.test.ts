import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { live, lives } from './command-meter.model.js'

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

describe('the counts of a command', () => {
  it('X2: when all is quiet, each call that began has ended in exactly one way', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const { command, executions, endings } = await live(life)
        const snapshot = command.snapshot()

        expect(sumOf(snapshot.executions)).toBe(life.calls.length)
        expect(endings).toHaveLength(life.calls.length)
        expect(snapshot.inFlight).toBe(0)
        for (const [outcome, count] of Object.entries(snapshot.executions))
          expect(executions.filter((told) => told === outcome)).toHaveLength(count)
      }),
      { numRuns: 150 },
    )
  })

  it('X2: every call that needed a fallback is counted once by what the fallback did', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const { command } = await live(life)
        const { executions, fallbacks } = command.snapshot()
        const { failure, timeout, short_circuited, semaphore_rejected } = executions

        expect(sumOf(fallbacks)).toBe(failure + timeout + short_circuited + semaphore_rejected)
        expect(fallbacks.missing).toBe(life.hasFallback ? 0 : sumOf(fallbacks))
      }),
      { numRuns: 150 },
    )
  })

  it('X2: the exceptions are the calls whose caller saw an error other than its own abort', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const { command, endings } = await live(life)

        expect(command.snapshot().exceptionsThrown).toBe(endings.filter((end) => end === 'failed').length)
      }),
      { numRuns: 150 },
    )
  })

  it('X2: the retries that saved or did not save a call are no more than the retries made', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const { command } = await live(life)
        const { attempts, success, failure, exhausted } = command.snapshot().retries

        expect(success + failure + exhausted).toBeLessThanOrEqual(attempts)
        expect(attempts).toBeLessThanOrEqual(life.retries * life.calls.length)
      }),
      { numRuns: 100 },
    )
  })

  it('X2: nothing is left behind: no slot, no timer, no trial', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const { command, clock } = await live(life)
        await clock.advance(60_000)

        expect(command.snapshot().bulkhead).toMatchObject({ running: 0, queued: 0 })
        expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
        expect(command.breaker?.tryAcquire()).toHaveProperty('settle')
      }),
      { numRuns: 100 },
    )
  })
})
