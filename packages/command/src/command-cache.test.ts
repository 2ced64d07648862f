import { RequestScopeError, withRequestContext } from '@breakwater/kernel'
import { createScriptedDependency } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { createCommand } from './command.js'
import { faultsIn, world } from './command.model.js'
import { currentRequest } from './hystrix/request-context.js'

const boom = new Error('boom')

describe('a command with a cache key', () => {
  it('runs once for each key of a request, in flight and afterwards', async () => {
    const around = world()
    const ran: string[] = []
    using command = createCommand({
      ...{ name: 'GetUser', ...around, cacheKey: (id: string) => id },
      run: (_call, id: string) => {
        ran.push(id)
        return Promise.resolve({ id })
      },
    })

    await withRequestContext(async () => {
      const [one, same, other] = await Promise.all(['ann', 'ann', 'bob'].map((id) => command.execute(id)))
      expect(one).toBe(same)
      expect(other).toEqual({ id: 'bob' })
      expect(await command.with({ budgetMs: 50 }).execute('ann')).toBe(one)
      expect(await command.outcome('bob')).toEqual({ kind: 'success', value: other })
    })
    await withRequestContext(() => command.execute('ann'))

    expect(ran).toEqual(['ann', 'bob', 'ann'])
    expect(command.totals.executions.success).toBe(6)
    expect(command.describe().map(({ kind }) => kind)).toContain('request-cache')
  })

  it('keeps no failure, gives it to all who share it, and leaves calls without a key alone', async () => {
    const around = world()
    let ran = 0
    using command = createCommand({
      ...{ name: 'GetUser', ...around, retry: false, cacheKey: (id: string | undefined) => id },
      run: async (_call, id: string | undefined) => {
        ran++
        if (id === 'down' && ran === 1) throw boom
        return ran
      },
    })

    await withRequestContext(async () => {
      const ends = await Promise.all([command.outcome('down'), command.outcome('down')])
      expect(ends.map(({ kind }) => kind)).toEqual(['failure', 'failure'])
      expect(ran).toBe(1)
      expect(await command.execute('down')).toBe(2)
      expect(await command.execute('down')).toBe(2)
      expect([await command.execute(undefined), await command.execute(undefined)]).toEqual([3, 4])
    })
  })

  it('puts a failure to the fallback, whose answer is not kept', async () => {
    const around = world()
    const answers = [() => Promise.reject(boom), () => Promise.resolve('up')]
    using command = createCommand({
      ...{ name: 'GetUser', ...around, retry: false, cacheKey: () => 'k' },
      run: () => (answers.shift() ?? (() => Promise.resolve('again')))(),
      fallback: () => 'instead',
    })

    await withRequestContext(async () => {
      expect(await command.execute()).toBe('instead')
      expect(await command.execute()).toBe('up')
      expect(await command.execute()).toBe('up')
    })
  })

  it('forgets a key when the request says so', async () => {
    const around = world()
    let ran = 0
    using command = createCommand({
      ...{ name: 'GetUser', ...around, cacheKey: (...ids: number[]) => ids },
      run: (_call, ...ids: number[]) => `${String(ids)} ${String(++ran)}`,
    })

    await withRequestContext(async () => {
      expect([await command.execute(1, 2), await command.execute(3)]).toEqual(['1,2 1', '3 2'])
      currentRequest()?.clear('GetUser', [1, 2])
      expect([await command.execute(1, 2), await command.execute(3)]).toEqual(['1,2 3', '3 2'])
    })
  })

  it('asks for a request around it, unless the call has no key', async () => {
    const around = world()
    using command = createCommand({
      ...{ name: 'GetUser', ...around, cacheKey: (id: string | undefined) => id },
      run: (_call, id: string | undefined) => id,
    })

    await expect(command.execute('ann')).rejects.toThrow(RequestScopeError)
    expect(await command.execute(undefined)).toBe(undefined)
  })

  it('asks no fallback for a call outside of any request, but for all else that fails', async () => {
    const around = world()
    const causes: string[] = []
    using command = createCommand({
      ...{ name: 'GetUser', ...around, retry: false, cacheKey: (id: string) => id },
      run: (call, id: string) => Promise.reject(new Error(`${id}, attempt ${String(call.attempt)}`)),
      fallback: ({ kind }, id) => {
        causes.push(`${kind} ${id}`)
        return 'nobody'
      },
    })

    await expect(command.execute('ann')).rejects.toThrow(RequestScopeError)
    expect(causes).toEqual([])
    expect(await withRequestContext(() => command.execute('bob'))).toBe('nobody')
    expect(causes).toEqual(['failure bob'])
  })

  it('refuses work that asks for its own key', async () => {
    const around = world()
    using command = createCommand({
      ...{ name: 'GetUser', ...around, retry: false, cacheKey: () => 'k' },
      run: async (): Promise<string> => {
        await Promise.resolve()
        return command.execute()
      },
    })

    await withRequestContext(async () => {
      await expect(command.execute()).rejects.toMatchObject({ code: 'ERR_CIRCULAR_WAIT' })
    })
  })

  it('goes on with what it keeps when it is updated', async () => {
    const around = world()
    let ran = 0
    using command = createCommand({ name: 'GetUser', ...around, cacheKey: () => 'k', run: () => ++ran })

    await withRequestContext(async () => {
      await command.execute()
      command.update({ timeoutMs: 500, retry: false })
      expect(await command.execute()).toBe(1)
    })
  })

  it('has the latency of calls that ran, and none for an answer that it kept or a call that was refused', async () => {
    const { clock, ...around } = world()
    const script = [{ afterMs: 20, value: 'Ada' }]
    const dependency = createScriptedDependency<string, [string]>({ clock, script })
    using command = createCommand({
      ...{ name: 'GetUser', clock, ...around, retry: false, cacheKey: (id: string) => id },
      run: dependency.run,
    })

    await withRequestContext(async () => {
      const answer = command.execute('ann')
      await clock.advance(20)
      await answer
      await command.execute('ann')
      command.breaker?.forceOpen('maintenance')
      await command.outcome('bob')
    })

    expect(command.totals.executions).toMatchObject({ success: 2, short_circuited: 1 })
    expect(command.snapshot().latency).toMatchObject({ count: 1, max: 20 })
  })

  it('takes a function and nothing else', () => {
    const options = { name: 'GetUser', run: () => 1, cacheKey: 'id' as never }
    expect(faultsIn(() => createCommand(options))).toEqual(['cacheKey'])
  })
})
