import { consecutiveFailures } from '@breakwater/breaker'
import { onInternalError } from '@breakwater/kernel'
import '@breakwater/testing/vitest'
import { describe, expect, it } from 'vitest'
import { failing, world } from './command.model.js'
import { createCommand } from './command.js'
import type { Command } from './command-shape.js'

const down = new Error('down')

describe('an ignored error', () => {
  class BadRequest extends Error {}
  const bad = new BadRequest('no such user')
  const ignore = (error: unknown): boolean => error instanceof BadRequest

  function picky(): Command<[error: Error], never> {
    return createCommand({
      name: 'picky',
      run: (_call, error: Error) => Promise.reject(error),
      ignore,
      ...world(),
      retry: false,
      breaker: { trip: consecutiveFailures(1) },
    })
  }

  it('passes through as it is, without retry and without fallback', async () => {
    const fallbacks: unknown[] = []
    let runs = 0
    const run = (): Promise<never> => {
      runs++
      return Promise.reject(bad)
    }
    const command = createCommand({
      name: 'picky',
      run,
      ignore,
      fallback: (cause) => fallbacks.push(cause),
      ...world(),
    })

    expect(await command.outcome()).toEqual({ kind: 'ignored', error: bad })
    await expect(command.execute()).rejects.toBe(bad)

    expect(runs).toBe(2)
    expect(fallbacks).toEqual([])
    expect(command.snapshot()).toMatchObject({
      executions: { bad_request: 2, failure: 0 },
      fallbacks: { success: 0, missing: 0 },
      exceptionsThrown: 2,
    })
  })

  it('is not counted by the breaker, while others are', async () => {
    const command = picky()

    await command.outcome(bad)
    expect(command.snapshot().breaker).toMatchObject({ state: 'closed', total: 0 })
    await command.outcome(down)
    expect(command.breaker).toBeOpen()
  })

  it('gives back the trial of a half-open breaker', async () => {
    const command = picky()
    command.breaker?.openFor(0)

    for (let trial = 0; trial < 5; trial++) expect(await command.outcome(bad)).toHaveOutcome('ignored')

    expect(command.breaker).toBeHalfOpen()
  })

  it('is a failure when the predicate throws, which is reported', async () => {
    const reports: [unknown, string][] = []
    const stop = onInternalError((...report) => reports.push(report))
    const mistake = new TypeError('cannot read')
    const ignoring = (): never => {
      throw mistake
    }
    const command = createCommand({ name: 'lost', run: failing, ignore: ignoring, ...world(), retry: false })

    expect(await command.outcome()).toHaveOutcome('failure')

    stop()
    expect(reports).toEqual([[mistake, 'ignore']])
  })
})
