import { constant, consecutiveFailures, errorRate, Retry } from '@breakwater/breaker'
import { createScriptedDependency } from '@breakwater/testing'
import '@breakwater/testing/vitest'
import { describe, expect, it } from 'vitest'
import { failing, kindsOf, never, watch, world } from './command.model.js'
import { createCommand } from './command.js'
import type { CommandTuning } from './command-options.js'

describe('update', () => {
  it('changes the times from the next call on', async () => {
    const around = world()
    const command = createCommand({ name: 'slow', run: never, ...around, retry: false })

    const before = watch(command.execute())
    command.update({ timeoutMs: 500 })
    const after = watch(command.execute())

    await around.clock.advance(500)
    expect([before.ended, after.ended]).toEqual(['not yet', 'rejected'])
    await around.clock.advance(1_500)
    expect(before.ended).toBe('rejected')
    expect(command.snapshot()).toMatchObject({
      timeoutMs: 500,
      attemptTimeoutMs: 500,
      executions: { timeout: 2 },
    })
  })

  it('changes one option of a policy and leaves its others', () => {
    const command = createCommand({
      name: 'tuned',
      run: never,
      ...world(),
      breaker: { trip: consecutiveFailures(7), probes: { limit: 1, leaseMs: 50 }, captureStack: true },
      bulkhead: { limit: 5, queue: { limit: 6, maxWaitMs: 7 } },
      retry: { maxRetries: 4, backoff: constant({ ms: 9 }) },
    })

    command.update({
      breaker: { probes: { limit: 2 } },
      bulkhead: { queue: { maxWaitMs: 70 } },
      retry: { maxRetries: 3 },
    })

    const shown = Object.fromEntries(command.describe().map(({ kind, options }) => [kind, options]))
    expect(shown).toMatchObject({
      'circuit-breaker': { trip: [{ failures: 7 }], probeLimit: 2, leaseMs: 50 },
      bulkhead: { limit: 5, queueLimit: 6, maxWaitMs: 70 },
      retry: { maxRetries: 3, backoff: { kind: 'constant', ms: 9 } },
    })
  })

  it('with undefined goes back to the default', () => {
    const command = createCommand({
      name: 'tuned',
      run: never,
      ...world(),
      timeoutMs: 777,
      breaker: { ramp: false, classify: () => 'ignored', trip: consecutiveFailures(7) },
      bulkhead: { limit: 5 },
    })
    const plain = createCommand({ name: 'tuned', run: never, ...world() })

    command.update({
      timeoutMs: undefined,
      breaker: { ramp: undefined, trip: undefined, classify: undefined },
      bulkhead: { limit: undefined },
    })

    expect(JSON.stringify(command.describe())).toBe(JSON.stringify(plain.describe()))
  })

  it('takes away a rule of the breaker that was set back to the default', async () => {
    const command = createCommand({
      name: 'lost',
      run: failing,
      ...world(),
      retry: false,
      breaker: { classify: () => 'ignored' },
    })

    command.update({ breaker: { classify: undefined, trip: consecutiveFailures(1) } })
    await command.outcome()

    expect(command.breaker).toBeOpen()
  })

  it('leases trials for the new time of an attempt', () => {
    const command = createCommand({ name: 'slow', run: never, ...world() })

    command.update({ attemptTimeoutMs: 300 })

    expect(command.describe().find(({ kind }) => kind === 'circuit-breaker')?.options).toMatchObject({
      leaseMs: 300,
    })
  })

  it('keeps the state and the counts of the breaker', async () => {
    const around = world()
    const command = createCommand({ name: 'lost', run: failing, ...around, retry: false })
    for (let call = 0; call < 19; call++) await command.outcome()
    const { breaker } = command

    command.update({ breaker: { trip: errorRate({ percent: 60 }) } })

    expect(command.breaker).toBe(breaker)
    expect(command.snapshot().breaker?.failures).toBe(19)
    await command.outcome()
    expect(command.breaker).toBeOpen()
    command.update({ breaker: { openMs: 1 }, timeoutMs: 3_000 })
    expect(command.breaker).toBeOpen()
  })

  it('keeps the slots of the bulkhead, and starts at once who waited for the new ones', async () => {
    const around = world()
    const script = [{ never: true }, { value: 'second' }]
    const { run } = createScriptedDependency({ clock: around.clock, script })
    const command = createCommand({
      name: 'busy',
      run,
      ...around,
      bulkhead: { limit: 1, queue: { limit: 1 } },
    })
    watch(command.execute())
    const waiting = watch(command.execute())
    const { bulkhead } = command

    command.update({ bulkhead: { limit: 2 } })
    await around.clock.flush()

    expect(command.bulkhead).toBe(bulkhead)
    expect(waiting.value).toBe('second')
    expect(command.snapshot().bulkhead).toMatchObject({ running: 1, limit: 2, queueLimit: 1 })
  })

  it('keeps what the retries have spent of their budget', async () => {
    const around = world()
    const command = createCommand({ name: 'lost', run: failing, ...around, breaker: false })
    const calls = Array.from({ length: 100 }, () => command.outcome())
    await around.clock.advance(4_000)
    await Promise.all(calls)
    expect(command.snapshot().retries.attempts).toBe(50)

    command.update({ retry: { maxRetries: 5 }, timeoutMs: 9_000 })
    watch(command.outcome())
    await around.clock.advance(1_000)

    // The 101st call has earned a fifth of a retry, which is rounded up.
    expect(command.snapshot().retries.attempts).toBe(51)
  })

  it('keeps the number of fallbacks that run', async () => {
    const around = world()
    const command = createCommand({
      name: 'lost',
      run: failing,
      fallback: never,
      ...around,
      retry: false,
      fallbackLimit: 1,
    })
    watch(command.execute())
    await around.clock.flush()

    command.update({ timeoutMs: 5_000 })

    await expect(command.execute()).toRejectWithCode('ERR_FALLBACK_FAILED')
  })

  it('does not touch the policies that it does not speak of', () => {
    const command = createCommand({ name: 'quiet', run: never, ...world() })
    const heard: unknown[] = []
    command.on('update', (update) => heard.push(update))

    command.update({ timeoutMs: 8_000, retry: false, bulkhead: { limit: 3 } })
    expect(heard).toHaveLength(0)
    command.update({ breaker: { openMs: 1_000 } })
    expect(heard).toHaveLength(1)
  })

  it('switches the retry off and on, and its counters only grow', async () => {
    const command = createCommand({
      name: 'lost',
      run: failing,
      ...world(),
      breaker: false,
      retry: { maxRetries: 1, backoff: constant({ ms: 0 }) },
    })
    const attempts: number[] = []
    const tunings: CommandTuning[] = [
      {},
      { retry: false },
      { retry: { maxRetries: 2, backoff: constant({ ms: 0 }) } },
      { idempotent: false },
      { idempotent: true },
      { retry: new Retry({ maxRetries: 3, backoff: constant({ ms: 0 }) }) },
      { retry: { maxRetries: 0 } },
    ]

    for (const tuning of tunings) {
      command.update(tuning)
      await command.outcome()
      attempts.push(command.snapshot().retries.attempts)
    }

    expect(attempts).toEqual([1, 1, 3, 3, 5, 8, 8])
    expect(command.snapshot().retries.exhausted).toBe(4)
  })

  it('counts the retries of calls that began before a new retry came', async () => {
    const around = world()
    const command = createCommand({
      name: 'lost',
      run: failing,
      ...around,
      breaker: false,
      retry: { maxRetries: 1, backoff: constant({ ms: 100 }) },
    })
    const told: number[] = []
    command.on('retry', ({ attempt }) => told.push(attempt))

    watch(command.outcome())
    await around.clock.advance(50)
    command.update({ retry: { maxRetries: 2 } })
    await around.clock.advance(1_000)

    expect(command.snapshot().retries).toEqual({ attempts: 1, success: 0, failure: 0, exhausted: 1 })
    expect(told).toEqual([2])
  })

  it('lets calls that are under way end by the options they began with', async () => {
    const around = world()
    const command = createCommand({ name: 'slow', run: never, fallback: () => 'fb', ...around, retry: false })
    const calls = [command.outcome()]

    command.update({
      attemptTimeoutMs: 100,
      bulkhead: { limit: 1 },
      breaker: { trip: consecutiveFailures(1) },
    })
    calls.push(command.outcome())
    await around.clock.advance(10_000)

    expect(kindsOf(await Promise.all(calls))).toEqual(['success', 'success'])
    expect(command.snapshot()).toMatchObject({
      inFlight: 0,
      executions: { timeout: 1, semaphore_rejected: 1 },
    })
  })
})
