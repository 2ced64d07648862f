import { describe, expect, it } from 'vitest'
import { CommandRegistry } from '../command-registry.js'
import { watched } from './hystrix.model.js'

const boom = new Error('boom')

describe('a command of the preset is not idle', () => {
  it.each([undefined, 'hystrix-1.5.18', 'hystrix-1.5.13'] as const)(
    'with a failure in a health bucket that is still open (compat %s)',
    async (compat) => {
      const { command } = watched()
      const registry = new CommandRegistry({
        ...{ max: 1, keysFromInput: true },
        define: (name) => command({ name, compat }),
      })

      await registry.get('held').execute({ throws: boom })

      expect(registry.get('held').isIdle).toBe(false)
      expect(registry.get('next').name).toBe('__other__')
      registry.dispose()
    },
  )

  it.each(['THREAD', 'SEMAPHORE'] as const)(
    'while work past its timeout holds its slot (%s), which a new one would forget',
    async (strategy) => {
      const { command, clock } = watched()
      const properties = { 'execution.isolation.strategy': strategy }
      using asked = command({ properties, timeoutMs: 50 })

      const late = asked.execute({ afterMs: 60_000, isDeaf: true })
      await clock.advance(30_000)
      expect(await late).toBe('fb')
      expect(asked.isIdle).toBe(false)

      await clock.advance(30_000)
      expect(asked.isIdle).toBe(true)
    },
  )
})

it('is idle while its late work is in a pool that goes on with others', async () => {
  const { command, clock } = watched()
  using asked = command({ timeoutMs: 50 })
  using other = command({ name: 'B' })

  const late = asked.execute({ afterMs: 60_000, isDeaf: true })
  await clock.advance(30_000)
  await late

  expect([asked.isIdle, other.isIdle]).toEqual([true, true])
  expect(other.bulkhead.snapshot().running).toBe(1)
})

it.each([undefined, 'hystrix-1.5.18', 'hystrix-1.5.13'] as const)(
  'is idle without a breaker, unless somebody has forced it (compat %s)',
  async (compat) => {
    const { command } = watched()
    using asked = command({ compat, breaker: false })

    await asked.execute({})
    expect(asked.isIdle).toBe(true)

    asked.breaker.forceOpen()
    expect(asked.isIdle).toBe(false)
  },
)
