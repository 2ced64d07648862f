import { withRequestContext } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { createCommand } from '../command.js'
import { watched } from './hystrix.model.js'
import type { Step } from './hystrix.model.js'
import { currentRequest } from './request-context.js'

const keyed = { cacheKey: (step: Step): string | undefined => step.key }

describe('a caller of a command with a cache key who is gone', () => {
  it.each(['k', undefined])('once the key %s is known, starts nothing', async (key) => {
    const { command, hooks } = watched()
    const caller = new AbortController()
    const cacheKey = (): string | undefined => {
      caller.abort('bye')
      return key
    }
    using asked = command({ cacheKey })

    await withRequestContext(async () => {
      expect(await asked.with({ signal: caller.signal }).outcome({})).toEqual({
        kind: 'cancelled',
        error: 'bye',
      })
    })
    expect(hooks).toEqual([])
    expect(asked.totals.executions.cancelled).toBe(1)
  })

  it('when the work has begun, waits for it no longer', async () => {
    const { runtime, clock } = watched()
    const caller = new AbortController()
    using asked = createCommand({
      ...{ name: 'A', preset: 'hystrix', runtime, clock, cacheKey: () => 'k' },
      run: () => {
        caller.abort('bye')
        return new Promise(() => undefined)
      },
    })

    await withRequestContext(async () => {
      const end = asked.with({ signal: caller.signal }).outcome()
      await clock.advance(2_000)
      expect(await end).toEqual({ kind: 'cancelled', error: 'bye' })
    })
    expect(asked.totals.executions.cancelled).toBe(1)
  })

  it('leaves the run alone that began for his key when it was cleared', async () => {
    const { command, clock } = watched()
    using asked = command(keyed)
    const caller = new AbortController()

    await withRequestContext(async () => {
      const first = asked.with({ signal: caller.signal }).outcome({ key: 'k', afterMs: 100 })
      currentRequest()?.clear('A', 'k')
      const second = asked.execute({ key: 'k', afterMs: 100, returns: 2 })
      caller.abort('bye')
      const third = asked.execute({ key: 'k', returns: 3 })
      await clock.advance(100)

      expect([(await first).kind, await second, await third]).toEqual(['cancelled', 2, 2])
    })
  })
})

describe('the log of a request', () => {
  it('has an execution before those that its work begins at once', async () => {
    const { runtime, command } = watched()
    using inner = command({ name: 'inner' })
    using outer = createCommand({ name: 'outer', preset: 'hystrix', runtime, run: () => inner.execute({}) })

    await withRequestContext(async () => {
      await outer.execute()

      expect(currentRequest()?.log.executed.map(({ key }) => key)).toEqual(['outer', 'inner'])
    })
  })

  it('has one whose key cannot be made once, as the counts have it', async () => {
    const { command } = watched()
    const cacheKey = (): string => {
      throw new Error('no key')
    }
    using asked = command({ cacheKey })

    await withRequestContext(async () => {
      await expect(asked.execute({})).rejects.toMatchObject({ failureType: 'COMMAND_EXCEPTION' })

      expect(String(currentRequest()?.log)).toBe('A[Executed][0ms]')
    })
    expect(asked.totals).toMatchObject({ executions: { failure: 1 }, exceptionsThrown: 1 })
  })
})

it('a run may be asked for by one that its work has given up waiting for', async () => {
  const { runtime, clock } = watched()
  const common = { preset: 'hystrix', runtime, clock, cacheKey: () => 'k' } as const
  const after = (ms: number): Promise<void> =>
    new Promise((resolve) => void clock.io(clock.now() + ms, resolve))
  using inner = createCommand({
    ...{ ...common, name: 'inner' },
    run: async (): Promise<string> => {
      await after(20)
      return `inner with ${await outer.execute()}`
    },
  })
  using outer = createCommand({
    ...{ ...common, name: 'outer' },
    run: async (): Promise<string> => {
      await inner.with({ budgetMs: 10 }).outcome()
      await after(20)
      return 'outer'
    },
  })

  await withRequestContext(async () => {
    const answers = Promise.all([inner.execute(), outer.execute()])
    await clock.advance(100)
    expect(await answers).toEqual(['inner with outer', 'outer'])
  })
})
