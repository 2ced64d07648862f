import { constant, Retry, RetryBudget } from '@breakwater/breaker'
import { DeadlineExceededError } from '@breakwater/kernel'
import { createScriptedDependency } from '@breakwater/testing'
import '@breakwater/testing/vitest'
import { describe, expect, it } from 'vitest'
import { failing, instrumentsOf, never, watch, world } from './command.model.js'
import type { World } from './command.model.js'
import { createCommand } from './command.js'
import type { Command } from './command-shape.js'
import type { CommandTuning } from './command-options.js'

function lost(around: World, tuning: CommandTuning = {}): Command<[], never> {
  return createCommand({ name: 'lost', run: failing, ...around, ...tuning })
}

async function outcomesOf(command: Command<[], unknown>, calls: number): Promise<string[]> {
  const kinds: string[] = []
  for (let call = 0; call < calls; call++) kinds.push((await command.outcome()).kind)
  return kinds
}

describe('options over the preset', () => {
  it('keeps the other numbers of the breaker when one is given', async () => {
    const around = world()
    const command = lost(around, { retry: false, breaker: { probes: { limit: 1 } } })
    await outcomesOf(command, 20)
    expect(command.breaker).toBeOpen()
    await around.clock.advance(5_000)

    command.breaker?.tryAcquire()

    expect(command.snapshot().breaker).toMatchObject({ state: 'half-open', retryAfterMs: 2_000 })
    expect(command.describe().find(({ kind }) => kind === 'circuit-breaker')?.options).toMatchObject({
      probeLimit: 1,
      leaseMs: 2_000,
      rampMs: 10_000,
      trip: [{ kind: 'error-rate', percent: 50, volume: 20, windowMs: 10_000 }],
    })
  })

  it('takes undefined as "the default", at every depth', () => {
    const nothing = {
      breaker: {
        trip: undefined,
        openMs: undefined,
        ramp: undefined,
        probes: { limit: undefined, leaseMs: undefined },
        name: undefined,
        clock: undefined,
        runtime: undefined,
      },
      bulkhead: { limit: undefined, queue: undefined, name: undefined, clock: undefined },
      retry: { maxRetries: undefined, backoff: undefined, clock: undefined },
      timeoutMs: undefined,
      idempotent: undefined,
    }
    const around = world()

    const command = lost(around, nothing)

    expect(JSON.stringify(command.describe())).toBe(JSON.stringify(lost(world()).describe()))
    expect(instrumentsOf(around.runtime)).toEqual(['breaker lost', 'bulkhead lost', 'command lost'])
  })

  it('lets a bulkhead have a queue without changing its limit', () => {
    const command = lost(world(), { bulkhead: { queue: { limit: 5 } } })

    expect(command.snapshot().bulkhead).toMatchObject({ limit: 100, queueLimit: 5 })
  })

  it('keeps the waits of the retry when only their number is given', async () => {
    const around = world()
    const command = lost(around, { breaker: false, retry: { maxRetries: 1 } })
    const delays: number[] = []
    command.on('retry', ({ delayMs }) => delays.push(delayMs))

    watch(command.execute())
    await around.clock.advance(10_000)

    expect(delays).toHaveLength(1)
    expect(delays[0]).toBeGreaterThanOrEqual(100)
  })

  it('takes a budget instead of its own', async () => {
    const budget = new RetryBudget({ percent: 0, minPerSecond: 0 })
    const command = lost(world(), { retry: { budget } })

    await command.outcome()

    expect(command.snapshot().retries.attempts).toBe(0)
    expect(budget.snapshot().calls).toBe(1)
  })

  it('does not follow when the caller changes the given object later', () => {
    const around = world()
    const breaker = { probes: { limit: 7 }, captureStack: false }
    const command = lost(around, { breaker })

    breaker.probes.limit = 1
    command.update({ timeoutMs: 5_000, breaker: { captureStack: true } })

    const described = command.describe().find(({ kind }) => kind === 'circuit-breaker')
    expect(described?.options).toMatchObject({ probeLimit: 7 })
    expect(breaker).toEqual({ probes: { limit: 1 }, captureStack: false })
  })
})

describe('false switches off', () => {
  it('the breaker', async () => {
    const around = world()
    const command = lost(around, { breaker: false, retry: false })

    expect(new Set(await outcomesOf(command, 50))).toEqual(new Set(['failure']))
    expect(command.breaker).toBeUndefined()
    expect(command.snapshot().breaker).toBeUndefined()
    expect(instrumentsOf(around.runtime)).toEqual(['bulkhead lost', 'command lost'])
  })

  it('the bulkhead', () => {
    const around = world()
    const command = createCommand({ name: 'busy', run: never, ...around, bulkhead: false })

    const seen = Array.from({ length: 200 }, () => watch(command.execute()))

    expect(command.snapshot()).toMatchObject({ inFlight: 200, bulkhead: undefined })
    expect(seen.every(({ ended }) => ended === 'not yet')).toBe(true)
    expect(instrumentsOf(around.runtime)).toEqual(['breaker busy', 'command busy'])
  })

  it('the retry', async () => {
    const command = lost(world(), { retry: false })

    await command.outcome()

    expect(command.snapshot().retries).toEqual({ attempts: 0, success: 0, failure: 0, exhausted: 0 })
  })

  it('the time of an attempt', async () => {
    const around = world()
    const command = createCommand({
      name: 'slow',
      run: never,
      ...around,
      attemptTimeoutMs: false,
      timeoutMs: 60_000,
    })

    const seen = watch(command.execute())
    await around.clock.advance(59_999)
    expect(seen.ended).toBe('not yet')
    await around.clock.advance(1)

    expect(seen.error).toBeInstanceOf(DeadlineExceededError)
  })

  it('the time of the whole call', async () => {
    const around = world()
    const script = [
      { afterMs: 5_000, error: new Error('down') },
      { afterMs: 5_000, value: 'late but here' },
    ]
    const { run } = createScriptedDependency({ clock: around.clock, script })
    const command = createCommand({ name: 'slow', run, ...around, timeoutMs: false, attemptTimeoutMs: 9_000 })

    const seen = watch(command.execute())
    await around.clock.advance(20_000)

    expect(seen.value).toBe('late but here')
  })

  it('everything but the time of the whole call', async () => {
    const off = { attemptTimeoutMs: false, breaker: false, bulkhead: false, retry: false } as const
    const around = world()
    const command = createCommand({ name: 'timed', run: never, ...around, ...off, timeoutMs: 400 })

    const seen = watch(command.execute())
    await around.clock.advance(399)
    expect(seen.ended).toBe('not yet')
    await around.clock.advance(1)

    expect(seen.error).toBeInstanceOf(DeadlineExceededError)
    expect(command.snapshot().executions.timeout).toBe(1)
  })

  it('everything: then the command is its function, with numbers', async () => {
    const off = {
      timeoutMs: false,
      attemptTimeoutMs: false,
      breaker: false,
      bulkhead: false,
      retry: false,
    } as const
    const around = world()
    const later = (text: string): Promise<string> =>
      new Promise((resolve) => around.clock.io(5, () => resolve(text)))
    const command = createCommand({
      name: 'bare',
      run: (_call, text: string) => later(text),
      ...around,
      ...off,
    })

    const answer = command.execute('as it is')
    await around.clock.advance(5)
    expect(await answer).toBe('as it is')
    expect(command.snapshot().latency).toMatchObject({ count: 1, max: 5 })
    expect(command.describe().map(({ kind }) => kind)).toEqual(['meter'])
    expect(command.snapshot().executions.success).toBe(1)
  })
})

describe('idempotent: false', () => {
  it('never runs the work twice, whatever the retry', async () => {
    const around = world()
    const retry = new Retry({ maxRetries: 5, backoff: constant({ ms: 0 }) })
    const dependency = createScriptedDependency({
      clock: around.clock,
      script: [{ throwSync: true, error: 'down' }],
    })

    for (const given of [retry, { maxRetries: 5 }, undefined]) {
      const command = createCommand({
        name: 'once',
        run: dependency.run,
        ...around,
        idempotent: false,
        retry: given,
      })
      expect(await command.outcome()).toHaveOutcome('failure')
      command.dispose()
    }

    expect(dependency.calls).toHaveLength(3)
  })
})
