import { onInternalError } from '@breakwater/kernel'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { HystrixHooks } from './hooks.js'
import { HystrixBadRequestError } from './hystrix-errors.js'
import { watched } from './hystrix.model.js'
import { addHystrixPlugin } from './registry.js'

const boom = new Error('boom')
const other = new Error('other')

function reports(): string[] {
  const heard: string[] = []
  onTestFinished(onInternalError((_error, where) => heard.push(where)))
  return heard
}

describe('hooks', () => {
  it('replace the value of the work, then that of the command', async () => {
    const { command } = watched()
    const hooks: HystrixHooks = {
      onExecutionEmit: (_execution, value) => `${String(value)} run`,
      onEmit: (_execution, value) => `${String(value)} all`,
    }
    expect(await command({ hooks }).execute({ returns: 'v' })).toBe('v run all')
  })

  it('replace the value of the fallback', async () => {
    const { command } = watched()
    const hooks: HystrixHooks = { onFallbackEmit: () => 'better', onEmit: () => undefined }
    expect(await command({ hooks }).execute({ throws: boom })).toBe('better')
  })

  it('replace a value by null too', async () => {
    const { command } = watched()
    expect(await command({ hooks: { onEmit: () => null } }).execute({ returns: 'v' })).toBeNull()
    const hooks: HystrixHooks = { onFallbackEmit: () => null }
    expect(await command({ name: 'B', hooks }).execute({ throws: boom })).toBeNull()
  })

  it('replace the error that becomes the cause', async () => {
    const { command } = watched()
    const error = await command({ hooks: { onError: () => other } }, false)
      .execute({ throws: boom })
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ failureType: 'COMMAND_EXCEPTION', cause: other })
  })

  it('make a bad request of a failure, and another error of that of the fallback', async () => {
    const { command } = watched()
    const bad = new HystrixBadRequestError('bad')
    await expect(command({ hooks: { onExecutionError: () => bad } }).execute({ throws: boom })).rejects.toBe(
      bad,
    )
    const error = await command({ name: 'B', hooks: { onFallbackError: () => other } })
      .execute({ throws: boom }, { throws: new Error('x') })
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ fallbackError: other })
  })

  it('that throw at the start fail the call: no events, no fallback', async () => {
    const { command } = watched()
    const execution = command({
      hooks: {
        onStart: () => {
          throw boom
        },
      },
    }).start({})
    await expect(execution.result).rejects.toMatchObject({
      ...{ message: 'A failed while executing.', failureType: 'COMMAND_EXCEPTION', cause: boom },
    })
    expect(execution.events).toEqual([])
  })

  it.each(['onThreadStart', 'onExecutionStart'] as const)(
    '%s that throws is a failure of the work',
    async (hook) => {
      const { command } = watched()
      const throws = (): never => {
        throw boom
      }
      const asked = command({ hooks: { [hook]: throws } })
      const execution = asked.start({})
      expect(await execution.result).toBe('fb')
      expect(execution).toMatchObject({ events: ['FAILURE', 'FALLBACK_SUCCESS'], failedExecutionError: boom })
      expect(asked.metrics()).toMatchObject({ concurrent: 0, pool: { active: 0 } })
    },
  )

  it('B9: that throw anywhere else are reported and change nothing', async () => {
    const heard = reports()
    const throws = (): never => {
      throw other
    }
    const names = [
      ...['onThreadComplete', 'onExecutionEmit', 'onExecutionError', 'onExecutionSuccess', 'onFallbackStart'],
      ...['onFallbackEmit', 'onFallbackError', 'onFallbackSuccess', 'onEmit', 'onError', 'onSuccess'],
    ]
    const { command } = watched()
    const asked = command({
      hooks: Object.fromEntries(names.map((name) => [name, throws])),
      notifier: { markEvent: throws, markCommandExecution: throws },
    })
    expect(await asked.execute({ returns: 'v' })).toBe('v')
    expect(await asked.execute({ throws: boom })).toBe('fb')
    await expect(asked.execute({ throws: boom }, { throws: other })).rejects.toMatchObject({ cause: boom })
    expect(new Set(heard)).toEqual(
      new Set([...names, 'markEvent', 'markCommandExecution'].map((name) => `hystrix: ${name}`)),
    )
    expect(asked.metrics()).toMatchObject({ concurrent: 0, pool: { active: 0 } })
  })

  it('#1919: can be several, of the runtime first and until they are removed', async () => {
    const { command, runtime } = watched()
    const order: string[] = []
    const remove = addHystrixPlugin(runtime, {
      hooks: {
        onEmit: (_execution, value) => {
          order.push('runtime')
          return `${String(value)}!`
        },
      },
    })
    const asked = command({
      hooks: {
        onEmit: (_execution, value) => {
          order.push('own')
          return `${String(value)}?`
        },
      },
    })
    expect(await asked.execute({ returns: 'v' })).toBe('v!?')
    expect(order).toEqual(['runtime', 'own'])
    remove()
    expect(await asked.execute({ returns: 'v' })).toBe('v?')
  })
})
