import { describe, expect, it } from 'vitest'
import { instrumentsOf } from '../command.model.js'
import { hystrixProperties } from './hystrix-properties.js'
import { watched } from './hystrix.model.js'

const NAME = 'hystrix.command.A.threadPoolKeyOverride'

describe('threadPoolKeyOverride', () => {
  it('is heeded by the next execution; those before stay where they are', async () => {
    const { command, runtime, clock } = watched()
    const source = hystrixProperties({ 'hystrix.threadpool.other.coreSize': 3 })
    runtime.configure(source)
    const asked = command({ threadPool: { coreSize: 1 } })
    const first = asked.start({ afterMs: 100 })
    source.set(NAME, 'other')
    const second = asked.start({ afterMs: 100 })
    await clock.flush()

    expect(asked.metrics().pool).toMatchObject({ key: 'other', active: 1, limit: 3 })
    source.set(NAME, undefined)
    expect(asked.metrics().pool).toMatchObject({ key: 'G', active: 1, limit: 1 })
    await clock.advance(100)
    expect([await first.result, await second.result]).toEqual(['ok', 'ok'])
    expect(asked.metrics().pool).toMatchObject({ key: 'G', active: 0, completed: 1 })
  })

  it('is heeded when it is given by an update, and by calls with a budget', async () => {
    const { command } = watched()
    const asked = command()
    asked.update({ properties: { threadPoolKeyOverride: 'other' }, threadPool: { coreSize: 2 } })
    await asked.with({ budgetMs: 50 }).execute({})

    expect(asked.metrics().pool).toMatchObject({ key: 'other', completed: 1, limit: 2 })
    expect(asked.describe()).toContainEqual(expect.objectContaining({ kind: 'thread-pool', name: 'other' }))
  })

  it('shares the pool of that key with those who have it, and is no other definition of a name', async () => {
    const { command, runtime } = watched()
    const source = hystrixProperties()
    runtime.configure(source)
    const [one, other] = [
      command(),
      command({ name: 'B', group: 'H', pool: 'other', threadPool: { coreSize: 1 } }),
    ]
    void other.outcome({ afterMs: 100 })
    source.set(NAME, 'other')

    expect(await one.execute({})).toBe('fb')
    expect(() => command()).not.toThrow()
  })

  it('leaves no pool behind', () => {
    const { command, runtime } = watched()
    const asked = command()
    for (const pool of ['P', 'Q', 'P']) {
      asked.update({ properties: { threadPoolKeyOverride: pool } })
      expect(asked.metrics().pool.key).toBe(pool)
    }
    asked.dispose()
    asked.update({ properties: { threadPoolKeyOverride: 'R' } })
    void asked.outcome({})

    expect(instrumentsOf(runtime)).toEqual([])
  })
})
