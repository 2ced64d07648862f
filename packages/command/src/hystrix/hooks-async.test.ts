import { onInternalError } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { HOOK_NAMES } from './hooks.js'
import { watched } from './hystrix.model.js'

const boom = new Error('boom')

describe('B9: hooks and notifiers that are async', () => {
  it.each(HOOK_NAMES)('%s leaves values and errors as they are', async (name) => {
    const { command } = watched()
    const asked = command({ hooks: { [name]: async () => Promise.resolve('other') }, notifier: {} }, false)

    expect(await asked.execute({ returns: 'mine' })).toBe('mine')
    await expect(asked.execute({ throws: boom })).rejects.toMatchObject({ cause: boom })
    const withFallback = command({ name: 'B', hooks: { [name]: async () => Promise.resolve('other') } })
    expect(await withFallback.execute({ throws: boom }, { returns: 'instead' })).toBe('instead')
  })

  it('are reported when they are rejected, instead of ending the process', async () => {
    const { command, clock } = watched()
    const reported: string[] = []
    const unsubscribe = onInternalError((error, where) => reported.push(`${where} ${String(error === boom)}`))
    const rejected = (): Promise<never> => Promise.reject(boom)
    const asked = command({
      hooks: {
        onStart: rejected,
        onExecutionStart: rejected,
        onEmit: rejected,
        onSuccess: rejected,
      },
      notifier: { markEvent: rejected },
    })
    expect(await asked.execute({})).toBe('ok')
    await clock.flush()
    unsubscribe()

    expect(reported.sort()).toEqual(
      ['onStart', 'onExecutionStart', 'onEmit', 'onSuccess', 'markEvent']
        .map((name) => `hystrix: ${name} true`)
        .sort(),
    )
  })
})
