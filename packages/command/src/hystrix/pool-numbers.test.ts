import { createRuntime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, it } from 'vitest'
import { createCommand } from '../command.js'
import { watched } from './hystrix.model.js'

it.each([
  [{}, 'A', undefined],
  [{ group: 'G' }, 'G', 'G'],
  [{ group: 'G', pool: 'P' }, 'P', 'G'],
  [{ pool: 'P' }, 'P', undefined],
])('the pool of a command with %o is %s', (place, pool, group) => {
  const options = { name: 'A', preset: 'hystrix', clock: new SimClock(), runtime: createRuntime() } as const
  using command = createCommand({ ...options, ...place, run: () => 'ok' })

  expect([command.metrics().pool.key, command.group]).toEqual([pool, group])
})

it('a pool remembers the most threads that were ever in use, and counts those that have ended', async () => {
  const { command, clock } = watched()
  const asked = command({ threadPool: { coreSize: 3 } })
  for (let call = 0; call < 4; call++) void asked.outcome({ afterMs: 10 })
  await clock.advance(10)
  void asked.outcome({ afterMs: 10 })
  await clock.flush()

  expect(asked.metrics().pool).toMatchObject({ active: 1, largest: 3, completed: 3 })
  await clock.advance(1_000)
  expect(asked.metrics().pool).toMatchObject({
    active: 0,
    largest: 3,
    completed: 4,
    executed: 4,
    rejected: 1,
  })
})

it('a snapshot sums up the latencies of about the last 10 s', async () => {
  const { command, clock } = watched()
  const asked = command()
  void asked.outcome({ afterMs: 10 })
  await clock.advance(10)
  expect(asked.snapshot().latency).toMatchObject({ count: 1, max: 10 })

  await clock.advance(20_000)

  expect(asked.snapshot().latency).toMatchObject({ count: 0, max: 0 })
})

it('a pool that who hears of its queue makes larger loses no thread', async () => {
  const { command, clock } = watched()
  const asked = command({ threadPool: { coreSize: 1, maxQueueSize: 5 } })
  asked.bulkhead.on('queued', () => asked.bulkhead.update({ limit: 2 }))
  const outcomes = [1, 2].map(() => asked.outcome({ afterMs: 10 }))

  await clock.advance(10)

  expect(await Promise.all(outcomes)).toMatchObject([{ kind: 'success' }, { kind: 'success' }])
  expect(asked.bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
})
