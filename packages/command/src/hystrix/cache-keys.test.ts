import { DeadlineExceededError, InvalidOptionsError, withRequestContext } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { createCommand } from '../command.js'
import { faultsIn } from '../command.model.js'
import { watched } from './hystrix.model.js'
import type { Step } from './hystrix.model.js'
import { currentRequest } from './request-context.js'
import { createStreamCommand } from './stream-command.js'

const keyed = { cacheKey: (step: Step): string | undefined => step.key }

describe('M3: the keys of a command', () => {
  it.each([['text'], [42], [NaN], [true], ['']])('may be %j, and are forgotten by it', async (key) => {
    const { runtime, clock } = watched()
    let runs = 0
    using command = createCommand({
      ...{ name: 'A', preset: 'hystrix', runtime, clock, cacheKey: () => key },
      run: () => ++runs,
    })
    await withRequestContext(async () => {
      expect([await command.execute(), await command.execute()]).toEqual([1, 1])
      currentRequest()?.clear('A', key)
      expect(await command.execute()).toBe(2)
    })
  })

  it('may be lists, which are the same when their parts are, in type and value', async () => {
    const { runtime, clock } = watched()
    let runs = 0
    using command = createCommand({
      ...{ name: 'A', preset: 'hystrix', runtime, clock, cacheKey: (...key: (string | number)[]) => key },
      run: (_call, ...key: (string | number)[]) => (runs += key.length > 0 ? 1 : 0),
    })
    await withRequestContext(async () => {
      const keys = [['a', 1], ['a', 1], ['a', '1'], ['a,1'], ['a', 1]]
      const answers: number[] = []
      for (const key of keys) answers.push(await command.execute(...key))
      expect(answers).toEqual([1, 1, 2, 3, 1])
    })
  })

  it.each([[Promise.resolve('k')], [[{}]]])('that can never be equal fail the call', async (key) => {
    const { runtime, clock } = watched()
    using command = createCommand({
      ...{ name: 'A', preset: 'hystrix', runtime, clock, cacheKey: () => key as never },
      run: () => 'ok',
      fallback: () => 'fb',
    })
    await withRequestContext(async () => {
      const error = await command.execute().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ failureType: 'COMMAND_EXCEPTION' })
      expect((error as Error).cause).toBeInstanceOf(InvalidOptionsError)
    })
  })

  it('are refused of a stream, which cannot be shared', () => {
    const options = { name: 'S', run: () => [1], cacheKey: () => 'k' }
    expect(faultsIn(() => createStreamCommand(options as never))).toEqual(['cacheKey'])
  })
})

describe('who shares the run of another', () => {
  it('waits no longer than his own time', async () => {
    const { command, clock } = watched()
    const asked = command({ ...keyed, timeoutMs: false })
    await withRequestContext(async () => {
      const first = asked.start({ key: 'k', afterMs: 100, returns: 1 })
      const hasty = asked.with({ budgetMs: 10 }).outcome({ key: 'k' })
      const patient = asked.with({ budgetMs: 200 }).outcome({ key: 'k' })
      await clock.advance(10)
      expect(await hasty).toMatchObject({
        kind: 'timeout',
        error: expect.any(DeadlineExceededError) as unknown,
      })
      await clock.advance(90)
      expect(await patient).toEqual({ kind: 'success', value: 1 })
      expect(await first.result).toBe(1)
      expect(await asked.with({ budgetMs: 10 }).execute({ key: 'k' })).toBe(1)
    })
    expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
  })

  it('ends it by his time when all others have left', async () => {
    const { command, clock } = watched()
    const asked = command({ ...keyed, timeoutMs: false })
    const caller = new AbortController()
    await withRequestContext(async () => {
      const first = asked.with({ signal: caller.signal }).start({ key: 'k', afterMs: 100 })
      const last = asked.with({ budgetMs: 10 }).outcome({ key: 'k' })
      caller.abort(new Error('gone'))
      await expect(first.result).rejects.toThrow('gone')
      await clock.advance(10)
      expect((await last).kind).toBe('timeout')
      expect(first.events).toEqual(['CANCELLED'])
    })
  })

  it('gets its own end as what it was, be it a deadline of another', async () => {
    const { command } = watched()
    const over = new DeadlineExceededError('inside')
    const asked = command({ ...keyed, notWrapped: (error) => error === over }, false)
    await withRequestContext(async () => {
      await asked.outcome({ key: 'k', throws: over })
      expect(await asked.outcome({ key: 'k' })).toEqual({ kind: 'failure', error: over })
    })
  })
})
