import { describe, expect, it } from 'vitest'
import { HystrixRuntimeError } from './hystrix-errors.js'
import { short, watched } from './hystrix.model.js'

const boom = new Error('boom')
const SEMAPHORE = { properties: { 'execution.isolation.strategy': 'SEMAPHORE' } } as const

describe('hooks come in the order of Hystrix', () => {
  it('for a success in a thread', async () => {
    const { command, hooks } = watched()
    expect(await command().execute({ returns: 'v' })).toBe('v')
    expect(short(hooks)).toBe(
      'Start ThreadStart ExecutionStart ExecutionEmit Emit ExecutionSuccess ThreadComplete Success',
    )
  })

  it('for a success by semaphore, without those of threads', async () => {
    const { command, hooks } = watched()
    await command(SEMAPHORE).execute({})
    expect(short(hooks)).toBe('Start ExecutionStart ExecutionEmit Emit ExecutionSuccess Success')
  })

  it('for a failure with a fallback', async () => {
    const { command, hooks } = watched()
    expect(await command().execute({ throws: boom })).toBe('fb')
    expect(short(hooks)).toBe(
      'Start ThreadStart ExecutionStart ExecutionError ThreadComplete FallbackStart FallbackEmit Emit FallbackSuccess Success',
    )
  })

  it('for a fallback that fails', async () => {
    const { command, hooks } = watched()
    await expect(command().execute({ throws: boom }, { throws: new Error('x') })).rejects.toThrow(
      'A failed and fallback failed.',
    )
    expect(short(hooks)).toBe(
      'Start ThreadStart ExecutionStart ExecutionError ThreadComplete FallbackStart FallbackError Error:COMMAND_EXCEPTION',
    )
  })

  it('for a failure without a fallback', async () => {
    const { command, hooks } = watched()
    await expect(command({}, false).execute({ throws: boom })).rejects.toThrow(HystrixRuntimeError)
    expect(short(hooks)).toBe(
      'Start ThreadStart ExecutionStart ExecutionError ThreadComplete Error:COMMAND_EXCEPTION',
    )
  })

  it('for a timeout by semaphore, whose work is heard of last when it fails', async () => {
    const { command, hooks, clock } = watched()
    const answer = command({ timeoutMs: 100, ...SEMAPHORE }).execute({
      afterMs: 400,
      throws: boom,
      isDeaf: true,
    })
    await clock.advance(400)
    expect(await answer).toBe('fb')
    expect(short(hooks)).toBe(
      'Start ExecutionStart FallbackStart FallbackEmit Emit FallbackSuccess Success ExecutionError',
    )
  })

  it('for a timeout, whose work is heard of once more when it fails', async () => {
    const { command, hooks, clock } = watched()
    const answer = command({ timeoutMs: 100 }).execute({ afterMs: 400 })
    await clock.advance(100)
    expect(await answer).toBe('fb')
    const order = hooks.filter((name) => name !== 'onExecutionError')
    expect(short(order)).toBe(
      'Start ThreadStart ExecutionStart ThreadComplete FallbackStart FallbackEmit Emit FallbackSuccess Success',
    )
    expect(hooks.filter((name) => name === 'onExecutionError')).toHaveLength(1)
  })

  it('for a caller who leaves', async () => {
    const { command, hooks, clock } = watched()
    const caller = new AbortController()
    const answer = command().with({ signal: caller.signal }).execute({ afterMs: 400 })
    await clock.advance(100)
    caller.abort(boom)
    await expect(answer).rejects.toBe(boom)
    expect(short(hooks)).toBe('Start ThreadStart ExecutionStart Unsubscribe ThreadComplete')
  })

  it('for a caller who leaves during the fallback', async () => {
    const { command, hooks, clock } = watched()
    const caller = new AbortController()
    const execution = command().with({ signal: caller.signal }).start({ throws: boom }, { afterMs: 300 })
    await clock.advance(100)
    caller.abort()
    await expect(execution.result).rejects.toBe(caller.signal.reason)
    await clock.advance(1_000)
    expect(short(hooks)).toBe(
      'Start ThreadStart ExecutionStart ExecutionError ThreadComplete FallbackStart Unsubscribe',
    )
    expect(execution.events).toEqual(['FAILURE', 'CANCELLED'])
  })
})
