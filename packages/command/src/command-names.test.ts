import { CircuitBreaker, errorRate, exponential } from '@breakwater/breaker'
import { createRuntime, InvalidOptionsError } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { createCommand } from './command.js'
import { faultsIn } from './command.model.js'
import { createStreamCommand } from './hystrix/stream-command.js'

const runtime = createRuntime()
const base = { name: 'GetUser', runtime, run: () => 'up' }

function namesIn(here: typeof runtime): (string | undefined)[] {
  return [...here.instruments()].filter(({ kind }) => kind === 'command').map(({ name }) => name)
}

describe('a name that a living command has', () => {
  it('is not for another definition, and the error says what differs and what to do', () => {
    using first = createCommand({ ...base, timeoutMs: 1_000 })
    let error: unknown
    try {
      createCommand({ ...base, timeoutMs: 2_000, retry: false })
    } catch (thrown) {
      error = thrown
    }

    expect(error).toBeInstanceOf(InvalidOptionsError)
    expect(error).toMatchObject({ issues: [{ path: 'name', received: 'GetUser' }] })
    expect(String(error)).toMatch(/timeoutMs, retry.*update\(\).*dispose\(\)/)
    expect(namesIn(runtime)).toEqual([first.name])
  })

  it.each([
    ['another group', { group: 'users' }],
    ['an option inside of a policy', { breaker: { openMs: 1 } }],
    [
      'another rule',
      { breaker: { trip: errorRate({ percent: 51 }), openMs: exponential({ firstMs: 1, maxMs: 2 }) } },
    ],
    ['a breaker to share', { breaker: new CircuitBreaker({ name: 'shared', runtime: createRuntime() }) }],
    ['another preset', { breaker: undefined, preset: 'hystrix' as const }],
  ])('is not for %s', (_what, options) => {
    const rule = { trip: errorRate({ percent: 50 }), openMs: exponential({ firstMs: 1, maxMs: 2 }) }
    using first = createCommand({ ...base, breaker: rule })

    expect(
      faultsIn(() => createCommand({ ...base, name: first.name, breaker: rule, ...options } as typeof base)),
    ).toEqual(['name'])
  })

  it('is free for equal options, also when they are written anew and have other functions', async () => {
    const make = (answer: string) =>
      createCommand({
        ...{ name: 'GetUser', runtime, timeoutMs: 500, preset: 'standard' },
        breaker: {
          trip: [errorRate({ percent: 20 })],
          openMs: exponential({ firstMs: 1, maxMs: 2 }),
          classify: (outcome) => (outcome.kind === 'success' ? 'success' : 'failure'),
        },
        run: () => answer,
        ignore: () => false,
        fallback: () => 'nobody',
      })
    using one = make('one')
    using other = make('other')

    expect(await one.execute()).toBe('one')
    expect(await other.execute()).toBe('other')
    expect(other.breaker).not.toBe(one.breaker)
    expect(other.totals.executions.success).toBe(1)
  })

  it('is measured by what the first was made of, not by what it was changed to', () => {
    using first = createCommand({ ...base, timeoutMs: 1_000 })
    first.update({ timeoutMs: 3_000 })

    using again = createCommand({ ...base, timeoutMs: 1_000 })

    expect(again.name).toBe(first.name)
  })

  it('belongs to streams and to the preset `hystrix` as much', () => {
    using stream = createStreamCommand({ name: 'GetUser', runtime, run: () => [1] })

    expect(faultsIn(() => createCommand({ ...base, name: stream.name }))).toEqual(['name'])
    expect(faultsIn(() => createCommand({ ...base, preset: 'hystrix' }))).toEqual(['name'])
  })

  it('is no matter to a line of Hystrix, but to what comes after one', () => {
    const first = createCommand({ ...base, timeoutMs: 1_000 })
    const second = createCommand({ ...base, preset: 'hystrix', compat: 'hystrix-1.5.18' })
    for (const command of [first, second]) command.dispose()

    using third = createCommand({ ...base, name: 'Other', preset: 'hystrix', compat: 'hystrix-1.5.18' })
    expect(faultsIn(() => createCommand({ ...base, name: third.name }))).toEqual(['name'])
  })
})

describe('a name is free again', () => {
  it('when every command of it is disposed of, as often as one likes', () => {
    const one = createCommand({ ...base, timeoutMs: 1 })
    const other = createCommand({ ...base, timeoutMs: 1 })
    one.dispose()
    one.dispose()
    expect(faultsIn(() => createCommand({ ...base, timeoutMs: 2 }))).toEqual(['name'])
    other.dispose()

    for (let timeoutMs = 1; timeoutMs < 2_000; timeoutMs++) createCommand({ ...base, timeoutMs }).dispose()

    expect(namesIn(runtime)).toEqual([])
  })

  it('when the runtime is disposed of', () => {
    const forgotten = createCommand({ ...base, timeoutMs: 1 })
    runtime.dispose()

    const next = createCommand({ ...base, timeoutMs: 2 })
    forgotten.dispose()

    expect(faultsIn(() => createCommand({ ...base, timeoutMs: 3 }))).toEqual(['name'])
    next.dispose()
    createCommand({ ...base, timeoutMs: 3 }).dispose()
  })

  it('in another runtime at any time', () => {
    using here = createCommand({ ...base, timeoutMs: 1 })
    using there = createRuntime()

    expect(createCommand({ ...base, runtime: there, timeoutMs: 2 }).name).toBe(here.name)
  })

  it('when making the command failed for another reason', () => {
    expect(faultsIn(() => createCommand({ ...base, timeoutMs: -1 }))).toEqual(['timeoutMs'])
    expect(namesIn(runtime)).toEqual([])
    createCommand({ ...base, timeoutMs: 3 }).dispose()
  })
})
