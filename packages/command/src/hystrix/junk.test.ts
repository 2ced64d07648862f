import { createRuntime, withRequestContext } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { faultsIn } from '../command.model.js'
import { collapserProperties } from './collapser-properties.js'
import { hystrixProperties } from './hystrix-properties.js'
import { watched } from './hystrix.model.js'
import { addHystrixPlugin } from './registry.js'
import { currentRequest } from './request-context.js'
import { createStreamCommand } from './stream-command.js'

class Values {
  readonly a = 1
}

describe('what is no options is refused', () => {
  it.each([null, 5, 'x', [], new Map([['a', 1]]), new Values(), new Date()])(
    'as values of properties: %s',
    (junk) => {
      expect(faultsIn(() => hystrixProperties(junk as never))).toEqual([''])
    },
  )

  it('as properties of a collapser, or as where they are looked up', () => {
    expect(faultsIn(() => collapserProperties('C', 5 as never))).toEqual([''])
    expect(faultsIn(() => collapserProperties('C', { timerDelay: 5 } as never))).toEqual(['timerDelay'])
    expect(faultsIn(() => collapserProperties('C', { timerDelayInMilliseconds: 0 }))).toEqual([
      'timerDelayInMilliseconds',
    ])
    expect(faultsIn(() => collapserProperties('C', {}, 7 as never))).toEqual(['configuration'])
  })

  it('as a plugin', () => {
    using runtime = createRuntime()
    expect(faultsIn(() => addHystrixPlugin(runtime, 42 as never))).toEqual([''])
    expect(faultsIn(() => addHystrixPlugin(runtime, { hooks: { onBegin: () => 1 } as never }))).toEqual([
      'hooks.onBegin',
    ])
    expect(faultsIn(() => addHystrixPlugin(runtime, { notifier: { markEvent: 1 as never } }))).toEqual([
      'notifier.markEvent',
    ])
  })

  it.each([null, 5, 'x', [], { collapsed: -1 }, { signal: null }])(
    'of a call, by a rejection: %j',
    async (junk) => {
      const { command } = watched()
      using one = command()

      await expect(one.with(junk as never).execute({})).rejects.toMatchObject({ code: 'ERR_INVALID_OPTIONS' })
    },
  )

  it.each(['signal', 'budgetMs', 'collapsed'])(
    'of a call, by a rejection: %s that cannot be read',
    async (key) => {
      const { command } = watched()
      using one = command()
      using stream = createStreamCommand({ name: 'S', runtime: createRuntime(), run: () => [1] })
      const junk: object = Object.defineProperty({}, key, {
        enumerable: true,
        get: () => {
          throw new Error('no')
        },
      })
      const refusal = { code: 'ERR_INVALID_OPTIONS', issues: [{ path: key }] }

      expect(await one.with(junk).outcome({})).toMatchObject({ kind: 'failure', error: refusal })
      await expect(one.with(junk).execute({})).rejects.toMatchObject(refusal)
      await expect(one.with(junk).start({}).result).rejects.toMatchObject(refusal)
      await expect(stream.with(junk).execute().next()).rejects.toMatchObject(refusal)
    },
  )

  it('with a word about what a signal is', async () => {
    const { command } = watched()
    using one = command()

    await expect(one.with({ signal: null as never }).execute({})).rejects.toThrow(
      'signal: expected an AbortSignal, received null',
    )
  })
})

it('a stream belongs to the request in which it was asked for, wherever it is read', async () => {
  const { runtime, clock } = watched()
  const seen: boolean[] = []
  const look = (): void => void seen.push(currentRequest() !== undefined)
  using command = createStreamCommand({
    ...{ name: 'S', runtime, clock },
    run: async function* () {
      try {
        for (let value = 1; ; value++) {
          look()
          yield await Promise.resolve(value)
        }
      } finally {
        look()
      }
    },
  })
  let read: AsyncIterable<number> | undefined
  let logged: (() => string) | undefined
  const scope = withRequestContext((own) => {
    read = command.execute()
    const request = currentRequest()
    logged = () => String(request?.log)
    return own
  })

  for await (const value of read ?? []) if (value === 2) break
  scope.end()

  expect(seen).toEqual([true, true, true])
  expect(logged?.()).toContain('S[EMITx2, CANCELLED]')
  expect(currentRequest()).toBeUndefined()
})
