import { Retry } from '@breakwater/breaker'
import { createRuntime } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { createCommand, showRetries } from './command.js'
import { world } from './command.model.js'

const counts = { attempts: 3, success: 2, failure: 5, exhausted: 1 }

describe('the retries of a command whose work retries by itself', () => {
  it('are those that the work counts, in its snapshot and for exporters', async () => {
    const runtime = createRuntime()
    using command = createCommand({ name: 'A', ...world(), runtime, retry: false, run: () => 'ok' })
    showRetries(command, { counts })
    await command.execute()

    const shown = [...runtime.instruments()].find(({ kind }) => kind === 'command')?.read()
    expect([command.snapshot().retries, shown]).toMatchObject([counts, { retries: counts }])
  })

  it('are read anew each time, and given as copies', async () => {
    const { clock, random } = world()
    const retry = new Retry({ maxRetries: 2, clock, random })
    using command = createCommand({
      name: 'A',
      clock,
      random,
      runtime: createRuntime(),
      retry: false,
      run: () => 'ok',
    })
    showRetries(command, retry)
    const before = command.snapshot().retries
    const failing = retry.outcome(() => Promise.reject(new Error('down')))
    await clock.advance(60_000)
    await failing

    expect(before.attempts).toBe(0)
    expect(command.snapshot().retries).toEqual({ ...retry.counts })
    expect(command.snapshot().retries).toMatchObject({ attempts: 2, exhausted: 1 })
    expect(command.snapshot().retries).not.toBe(retry.counts)
  })

  it('are not shown for commands that count their own, and not for what is no command', () => {
    using one = createCommand({ name: 'A', ...world(), runtime: createRuntime(), run: () => 'ok' })
    using hystrix = createCommand({
      ...{ name: 'B', preset: 'hystrix', runtime: createRuntime() },
      run: () => 'ok',
    })
    showRetries(hystrix, { counts })
    showRetries({}, { counts })

    expect([one.snapshot().retries.attempts, hystrix.snapshot().retries.attempts]).toEqual([0, 0])
  })
})
