import { AsyncResource } from 'node:async_hooks'
import { createRuntime, withRequestContext } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { createCommand } from '../command.js'
import { currentRequest } from './request-context.js'

describe.each(['standard', 'hystrix'] as const)('what a request forgets (preset %s)', (preset) => {
  it('is its own, also when it is asked from outside or by another request', async () => {
    let runs = 0
    const outside = new AsyncResource('outside')
    const common = { name: 'A', clock: new SimClock(), runtime: createRuntime(), cacheKey: () => 'key' }
    const run = (): number => ++runs
    using command =
      preset === 'standard'
        ? createCommand({ ...common, preset, run })
        : createCommand({ ...common, preset, run })

    await withRequestContext(async () => {
      const request = currentRequest()
      const forget = (): void => request?.clear('A', 'key')
      expect(await command.execute()).toBe(1)
      outside.runInAsyncScope(forget)
      expect(await command.execute()).toBe(2)
      await withRequestContext(async () => {
        expect(await command.execute()).toBe(3)
        forget()
        expect(await command.execute()).toBe(3)
      })
      expect(await command.execute()).toBe(4)
    })
  })
})
