import { DeadlineExceededError } from '@breakwater/kernel'
import { createScriptedDependency } from '@breakwater/testing'
import '@breakwater/testing/vitest'
import { describe, expect, it } from 'vitest'
import { errorIn, failing, never, watch, world } from './command.model.js'
import { createCommand } from './command.js'

const down = new Error('down')
const gone = new Error('the caller has gone')

describe('the abort of the caller', () => {
  it('ends the call at once with the reason of the caller, and tells the work', async () => {
    const around = world()
    const dependency = createScriptedDependency({ clock: around.clock, script: [{ never: true }] })
    const command = createCommand({ name: 'slow', run: dependency.run, fallback: () => 'fb', ...around })
    const caller = new AbortController()

    const seen = watch(command.with({ signal: caller.signal }).execute())
    caller.abort(gone)
    await around.clock.flush()

    expect(seen).toEqual({ ended: 'rejected', error: gone })
    expect(dependency.calls).toMatchObject([{ aborted: true }])
    expect(command.snapshot()).toMatchObject({
      executions: { cancelled: 1 },
      fallbacks: { success: 0, missing: 0 },
      exceptionsThrown: 0,
      inFlight: 0,
      breaker: { total: 0 },
      bulkhead: { running: 0 },
    })
  })

  it('before the call keeps the work from starting', async () => {
    const around = world()
    const dependency = createScriptedDependency({ clock: around.clock, script: [{ value: 1 }] })
    const command = createCommand({ name: 'late', run: dependency.run, ...around })

    const outcome = await command.with({ signal: AbortSignal.abort(gone) }).outcome()

    expect(outcome).toEqual({ kind: 'cancelled', error: gone })
    expect(dependency.calls).toHaveLength(0)
    expect(command.snapshot().executions.cancelled).toBe(1)
  })

  it('during the wait for a retry ends the wait', async () => {
    const around = world()
    const dependency = createScriptedDependency({
      clock: around.clock,
      script: [{ throwSync: true, error: down }],
    })
    const command = createCommand({ name: 'lost', run: dependency.run, ...around })
    const caller = new AbortController()

    const seen = watch(command.with({ signal: caller.signal }).execute())
    await around.clock.advance(50)
    caller.abort(gone)
    await around.clock.advance(10_000)

    expect(seen.error).toBe(gone)
    expect(dependency.calls).toHaveLength(1)
    expect(around.clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
  })

  it('while the fallback runs ends the call, and keeps the count of its failure', async () => {
    const around = world()
    const command = createCommand({ name: 'lost', run: failing, fallback: never, ...around, retry: false })
    const caller = new AbortController()

    const seen = watch(command.with({ signal: caller.signal }).execute())
    await around.clock.flush()
    caller.abort(gone)
    await around.clock.flush()

    expect(seen.error).toBe(gone)
    expect(command.snapshot()).toMatchObject({
      executions: { failure: 1, cancelled: 0 },
      exceptionsThrown: 0,
    })
  })

  it('leaves no listener at a signal that lives longer than the calls', async () => {
    const caller = new AbortController()
    let listeners = 0
    const { signal } = caller
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args))
    signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args))
    const command = createCommand({ name: 'quick', run: () => 1, ...world() }).with({ signal })

    for (let call = 0; call < 100; call++) await command.execute()

    expect(listeners).toBe(0)
  })
})

describe('the budget of the caller', () => {
  it('of 0 lets nothing start', async () => {
    const around = world()
    const dependency = createScriptedDependency({ clock: around.clock, script: [{ value: 1 }] })
    const command = createCommand({ name: 'late', run: dependency.run, ...around })

    const outcome = await command.with({ budgetMs: 0 }).outcome()

    expect(outcome).toHaveOutcome('timeout')
    expect(errorIn(outcome)).toBeInstanceOf(DeadlineExceededError)
    expect(dependency.calls).toHaveLength(0)
    expect(command.snapshot()).toMatchObject({ executions: { timeout: 1 }, inFlight: 0 })
  })

  it('of 0 still lets a fallback answer that has its answer at hand', async () => {
    const command = createCommand({ name: 'late', run: () => 'fresh', fallback: () => 'stale', ...world() })

    expect(await command.with({ budgetMs: 0 }).execute()).toBe('stale')
  })

  it('that is shorter than an attempt ends it with DeadlineExceededError', async () => {
    const around = world()
    const dependency = createScriptedDependency({ clock: around.clock, script: [{ never: true }] })
    const command = createCommand({ name: 'slow', run: dependency.run, ...around })

    const seen = watch(command.with({ budgetMs: 300 }).execute())
    await around.clock.advance(299)
    expect(seen.ended).toBe('not yet')
    await around.clock.advance(1)

    expect(seen.error).toBeInstanceOf(DeadlineExceededError)
    expect((seen.error as Error).message).toContain('300 ms')
    expect(dependency.calls).toHaveLength(1)
  })

  it('is seen by the work, less what earlier attempts took', async () => {
    const around = world()
    const left: number[] = []
    const run = async (call: { remainingMs(): number }): Promise<never> => {
      left.push(call.remainingMs())
      await new Promise<void>((resolve) => around.clock.io(around.clock.now() + 400, resolve))
      throw down
    }
    const command = createCommand({ name: 'lost', run, ...around, random: { next: () => 0 } })

    watch(command.with({ budgetMs: 1_200 }).execute())
    await around.clock.advance(5_000)

    expect(left).toEqual([1_200, 700, 200])
  })

  it('does not stretch the time of the command', async () => {
    const around = world()
    const command = createCommand({ name: 'slow', run: never, ...around, timeoutMs: 500, retry: false })

    const seen = watch(command.with({ budgetMs: 60_000 }).execute())
    await around.clock.advance(500)

    expect(seen.ended).toBe('rejected')
  })

  it('ends a fallback that takes too long', async () => {
    const around = world()
    const command = createCommand({ name: 'lost', run: failing, fallback: never, ...around, retry: false })

    const seen = watch(command.with({ budgetMs: 250 }).execute())
    await around.clock.advance(249)
    expect(seen.ended).toBe('not yet')
    await around.clock.advance(1)

    expect(seen.error).toBeInstanceOf(DeadlineExceededError)
  })
})

describe('with()', () => {
  it('can be kept, and starts anew with each call', async () => {
    const around = world()
    const command = createCommand({ name: 'slow', run: never, ...around })
    const hurried = command.with({ budgetMs: 100 })

    const first = watch(hurried.execute())
    await around.clock.advance(100)
    const second = watch(hurried.execute())
    await around.clock.advance(99)

    expect([first.ended, second.ended]).toEqual(['rejected', 'not yet'])
  })

  it.each<[string, object | null]>([
    ['a budget below 0', { budgetMs: -1 }],
    ['a budget that is no number', { budgetMs: NaN }],
    ['something else than a signal', { signal: {} }],
    ['an option that does not exist', { timeoutMs: 5 }],
    ['null', null],
  ])('refuses %s, and does not start', async (_what, options) => {
    const around = world()
    const dependency = createScriptedDependency({ clock: around.clock, script: [{ value: 1 }] })
    const command = createCommand({ name: 'never', run: dependency.run, ...around })

    await expect(command.with(options as object).execute()).toRejectWithCode('ERR_INVALID_OPTIONS')
    expect(await command.with(options as object).outcome()).toHaveOutcome('failure')

    expect(dependency.calls).toHaveLength(0)
    expect(command.snapshot().inFlight).toBe(0)
  })
})
