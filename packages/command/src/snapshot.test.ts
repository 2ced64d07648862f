import { createScriptedDependency } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { failing, instrumentsOf, never, watch, world } from './command.model.js'
import { createCommand } from './command.js'

describe('the snapshot of a command', () => {
  it('of a new one holds zeros and the options in force', () => {
    const command = createCommand({ name: 'GetUser', group: 'users', run: never, ...world() })

    expect(command.snapshot()).toEqual({
      name: 'GetUser',
      group: 'users',
      timeoutMs: 10_000,
      attemptTimeoutMs: 2_000,
      executions: {
        success: 0,
        failure: 0,
        timeout: 0,
        short_circuited: 0,
        semaphore_rejected: 0,
        bad_request: 0,
        cancelled: 0,
      },
      fallbacks: { success: 0, failure: 0, rejected: 0, missing: 0 },
      exceptionsThrown: 0,
      retries: { attempts: 0, success: 0, failure: 0, exhausted: 0 },
      inFlight: 0,
      latency: { count: 0, p50: 0, p90: 0, p99: 0, max: 0 },
      breaker: command.breaker?.snapshot(),
      bulkhead: command.bulkhead?.snapshot(),
    })
    expect([command.name, command.group]).toEqual(['GetUser', 'users'])
    expect(command.breaker?.name).toBe('GetUser')
  })

  it('shows latencies of about the last 10 s, and counters of the whole life', async () => {
    const around = world()
    const script = (index: number): { afterMs: number } => ({ afterMs: index + 1 })
    const { run } = createScriptedDependency({ clock: around.clock, script })
    const command = createCommand({ name: 'quick', run, ...around })

    for (let call = 0; call < 100; call++) {
      const answer = command.execute()
      await around.clock.advance(call + 1)
      await answer
    }
    const { latency } = command.snapshot()
    await around.clock.advance(20_000)

    expect(latency).toMatchObject({ count: 100, max: 100 })
    // Histograms are off by 6.25 % at most.
    expect(Math.abs(latency.p50 - 50)).toBeLessThan(1)
    expect(Math.abs(latency.p90 - 90)).toBeLessThan(5.7)
    expect(Math.abs(latency.p99 - 99)).toBeLessThan(2)
    expect(command.snapshot()).toMatchObject({ latency: { count: 0 }, executions: { success: 100 } })
  })

  it('is a picture: it does not move with later calls, and writing to it changes nothing', async () => {
    const command = createCommand({ name: 'quick', run: () => 1, ...world() })
    const before = command.snapshot()

    await command.execute()
    Object.assign(command.snapshot().executions, { success: 99 })

    expect(before.executions.success).toBe(0)
    expect(command.snapshot().executions.success).toBe(1)
  })

  it('says what exporters read from the instrument', async () => {
    const around = world()
    const command = createCommand({ name: 'lost', group: 'g', run: failing, ...around, retry: false })
    await command.outcome()
    const [instrument] = [...around.runtime.instruments()].filter(({ kind }) => kind === 'command')

    const { executions, fallbacks, exceptionsThrown, retries, inFlight, timeoutMs } = command.snapshot()
    expect(instrument).toMatchObject({ kind: 'command', name: 'lost', group: 'g' })
    expect(instrument?.read()).toMatchObject({
      executions,
      fallbacks,
      exceptionsThrown,
      retries,
      inFlight,
      timeoutMs,
    })
    expect(executions.failure).toBe(1)
  })
})

describe('the description of a command', () => {
  it('names its policies from the outside in', () => {
    const command = createCommand({ name: 'all', run: never, fallback: () => 1, ...world() })

    expect(command.describe().map(({ kind }) => kind)).toEqual([
      'meter',
      'fallback',
      'total-time',
      'retry',
      'circuit-breaker',
      'bulkhead',
      'timeout',
    ])
  })

  it('shows the options in force', () => {
    const command = createCommand({
      name: 'all',
      run: never,
      fallback: () => 1,
      ...world(),
      timeoutMs: 9_000,
      attemptTimeoutMs: 900,
      retry: { maxRetries: 1 },
      bulkhead: { limit: 3 },
      fallbackLimit: 4,
    })

    const shown = Object.fromEntries(command.describe().map(({ kind, options }) => [kind, options]))

    expect(shown).toMatchObject({
      fallback: { limit: 4 },
      'total-time': { timeoutMs: 9_000 },
      retry: { maxRetries: 1 },
      'circuit-breaker': { leaseMs: 900 },
      bulkhead: { limit: 3 },
      timeout: { timeoutMs: 900 },
    })
  })
})

describe('two commands of one name', () => {
  it('count each for itself, and leave each for itself', async () => {
    const around = world()
    const [one, two] = ['first', 'second'].map((answer) =>
      createCommand({ name: 'same', run: () => answer, ...around }),
    )

    await one?.execute()
    expect([one, two].map((command) => command?.snapshot().executions.success)).toEqual([1, 0])
    expect(instrumentsOf(around.runtime)).toEqual(
      ['breaker', 'breaker', 'bulkhead', 'bulkhead', 'command', 'command'].map((kind) => `${kind} same`),
    )
    one?.dispose()
    watch(two?.execute() ?? never())

    expect(instrumentsOf(around.runtime)).toEqual(['breaker same', 'bulkhead same', 'command same'])
    expect(two?.snapshot().inFlight).toBe(0)
  })
})

describe('what can be read at each call', () => {
  it('shows the counters as they are, in one object', async () => {
    const around = world()
    const command = createCommand({ name: 'watched', retry: false, run: failing, ...around })
    const { totals } = command

    await command.outcome()
    await command.outcome()

    expect(command.totals).toBe(totals)
    expect(totals.executions.failure).toBe(2)
    expect(totals.fallbacks.missing).toBe(2)
    expect(totals.exceptionsThrown).toBe(2)
  })

  it.each<'standard' | 'hystrix'>(['standard', 'hystrix'])(
    'tells percentiles of the last 10 s, with the preset %s',
    async (preset) => {
      const around = world()
      const run = async (_call: unknown, ms: number): Promise<void> => {
        await new Promise<void>((resolve) => {
          around.clock.schedule(around.clock.now() + ms, resolve)
        })
      }
      const command =
        preset === 'standard'
          ? createCommand({ name: 'timed', run, ...around })
          : createCommand({ name: 'timed', preset: 'hystrix', run, ...around })
      expect(command.percentile(50)).toBeUndefined()

      for (const ms of [10, 20, 30]) {
        const call = command.execute(ms)
        await around.clock.advance(ms)
        await call
      }

      expect(command.percentile(50)).toBe(20)
      expect(command.percentile(99)).toBe(command.snapshot().latency.p99)
      expect(command.totals.executions.success).toBe(3)
      await around.clock.advance(30_000)
      expect(command.percentile(50)).toBeUndefined()
    },
  )
})
