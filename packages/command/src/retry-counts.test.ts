import { Retry } from '@breakwater/breaker'
import { onInternalError } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { createCommand } from './command.js'
import { faultsIn, world } from './command.model.js'

const counts = { attempts: 3, success: 2, failure: 5, exhausted: 1 }
const own = { retry: false, run: () => 'ok' } as const

describe('the retries of a command whose work retries by itself', () => {
  it('are those that the work counts, in its snapshot and for exporters', () => {
    const around = world()
    using command = createCommand({ name: 'A', ...around, ...own, retryCounts: () => counts })

    const shown = [...around.runtime.instruments()].find(({ kind }) => kind === 'command')?.read()
    expect([command.snapshot(), shown]).toMatchObject([{ retries: counts }, { retries: counts }])
  })

  it('are read anew each time, and given as copies', async () => {
    const around = world()
    const { clock, random } = around
    const retry = new Retry({ maxRetries: 2, clock, random })
    using command = createCommand({ name: 'A', ...around, ...own, retryCounts: () => retry.counts })
    const before = command.snapshot().retries
    const failing = retry.outcome(() => Promise.reject(new Error('down')))
    await clock.advance(60_000)
    await failing

    expect(before.attempts).toBe(0)
    expect(command.snapshot().retries).toEqual({ ...retry.counts })
    expect(command.snapshot().retries).toMatchObject({ attempts: 2, exhausted: 1 })
    expect(command.snapshot().retries).not.toBe(retry.counts)
  })

  it('are none where they cannot be read, which is reported', () => {
    const reported: unknown[] = []
    const quiet = onInternalError((error, where) => reported.push([error, where]))
    const fault = new Error('closed')
    const retryCounts = (): never => {
      throw fault
    }
    using command = createCommand({ name: 'A', ...world(), ...own, retryCounts })

    expect(command.snapshot().retries.attempts).toBe(0)
    expect(reported).toEqual([[fault, 'retryCounts of A']])
    quiet()
  })

  it('are not beside those of the command, not from an update either', () => {
    using command = createCommand({ name: 'A', ...world(), ...own, retryCounts: () => counts })
    const both = { ...own, retry: { maxRetries: 1 }, retryCounts: () => counts }

    expect(faultsIn(() => createCommand({ name: 'B', ...world(), ...both }))).toEqual(['retryCounts'])
    expect(faultsIn(() => command.update({ retry: { maxRetries: 1 } }))).toEqual(['retryCounts'])
  })
})
