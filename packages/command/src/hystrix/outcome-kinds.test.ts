import { createRuntime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { createCommand } from '../command.js'
import { never } from '../command.model.js'
import { HystrixRuntimeError } from './hystrix-errors.js'

describe('the outcome of an error that is not wrapped', () => {
  it('is what became of the execution', async () => {
    const clock = new SimClock()
    using command = createCommand({
      ...{ name: 'A', preset: 'hystrix', clock, runtime: createRuntime(), notWrapped: () => true },
      threadPool: { coreSize: 1 },
      run: (_call, error?: Error) => (error === undefined ? never() : Promise.reject(error)),
    })

    const failed = command.outcome(new Error('down'))
    await clock.flush()
    const slow = command.outcome()
    const crowded = command.outcome()
    await clock.advance(1_000)
    command.breaker.forceOpen()
    const refused = command.outcome()

    const outcomes = await Promise.all([failed, slow, crowded, refused])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['failure', 'timeout', 'rejected', 'rejected'])
    expect(outcomes.some((outcome) => outcome.kind !== 'success' && isWrapped(outcome.error))).toBe(false)
  })

  it.each([
    ['ignored', { ignore: isWrapped }],
    ['failure', { notWrapped: isWrapped }],
  ] as const)('is not that of the command inside of its work, but %s', async (kind, options) => {
    const [clock, runtime] = [new SimClock(), createRuntime()]
    using inner = createCommand({ name: 'inner', preset: 'hystrix', clock, runtime, run: never })
    using outer = createCommand({
      ...{ name: 'outer', preset: 'hystrix', clock, runtime, timeoutMs: false, ...options },
      run: () => inner.execute(),
    })

    const outcome = outer.outcome()
    await clock.advance(1_000)

    expect(await outcome).toMatchObject({ kind, error: { failureType: 'TIMEOUT' } })
  })
})

function isWrapped(error: unknown): boolean {
  return error instanceof HystrixRuntimeError
}
