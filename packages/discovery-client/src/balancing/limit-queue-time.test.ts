/** Calls that wait for an instance, which may be called again without the end of any other call. */
import { describe, expect, test } from 'vitest'
import { StaticSource } from '../sources/static-source.js'
import { fleet, lab } from './balancing.model.js'
import type { Lab } from './balancing.model.js'
import type { LimitOptions } from './limit-options.js'

/** Two instances that take a single call each: the first is ejected, and the call to the second hangs. */
function hanging(queue: LimitOptions['queue']): Lab {
  const world = lab(fleet(2), { limit: { initial: 1, max: 1, queue }, ejection: { jitterMs: 0 } })
  for (let call = 0; call < 5; call++) world.balancer.pick({ exclude: ['i1'] }).done('failure')
  world.balancer.pick()
  return world
}

describe('a call that waits', () => {
  test('goes to an instance whose ejection is over, though no other call ends, and before a newcomer', async () => {
    const { balancer, clock } = hanging({ limit: 2 })
    const ran: string[] = []
    const call = (name: string): Promise<unknown> =>
      balancer.execute(({ id }) => {
        ran.push(`${name} on ${id} at ${String(clock.now())}`)
      })
    const first = call('first')
    await clock.advance(10_000)
    await Promise.all([first, call('newcomer'), clock.flush()])

    expect(ran).toEqual(['first on i0 at 10000', 'newcomer on i0 at 10000'])
    expect(balancer.snapshot()).toMatchObject({ inFlight: 1, waiting: 0 })
    expect(clock.pending.timers).toBe(0)
  })

  test('is looked after as often as it takes', async () => {
    const { balancer, clock } = hanging({ limit: 2 })
    const [first, second] = [1, 2].map(() => balancer.execute(() => Promise.reject(new Error('down'))))
    first?.catch(() => {})
    second?.catch(() => {})
    await clock.advance(10_000)
    const before = balancer.snapshot()
    await clock.advance(20_000)

    await expect(Promise.all([first, second])).rejects.toThrow('down')
    expect([before.waiting, balancer.snapshot().waiting]).toEqual([1, 0])
  })

  test('keeps no timer for an ejection when it has given up', async () => {
    const { balancer, clock } = hanging({ limit: 2, maxWaitMs: 100 })
    const caller = new AbortController()
    const late = balancer.execute(() => {})
    const aborted = balancer.execute(() => {}, { signal: caller.signal })
    const ends = Promise.allSettled([late, aborted])
    caller.abort(new Error('gone'))
    await clock.advance(100)

    expect(await ends).toMatchObject([
      { reason: { reason: 'queue_timeout' } },
      { reason: { message: 'gone' } },
    ])
    expect(clock.pending.timers).toBe(0)
  })

  test('counts against nobody when its time is over in the moment in which a slot is given back', async () => {
    const { balancer, clock } = lab(fleet(1), { limit: { initial: 1, max: 1, queue: { limit: 9 } } })
    let ran = 0
    const calls = Array.from({ length: 10 }, () =>
      balancer.execute(() => new Promise(() => ran++), { budgetMs: 100 }),
    )
    const ends = Promise.allSettled(calls)
    await clock.advance(100)
    await ends

    expect(ran).toBe(1)
    expect(balancer.snapshot()).toMatchObject({
      inFlight: 0,
      calls: { timeout: 1 },
      instances: [{ timeouts: 1, phase: 'serving' }],
    })
  })

  test('goes before one that a listener begins, who hears of the end first', async () => {
    const { balancer, clock } = hanging({ limit: 2 })
    await clock.advance(10_000)
    const trial = balancer.pick()
    const ran: string[] = []
    const call = (name: string): void => {
      balancer.execute(() => new Promise(() => ran.push(name))).catch(() => {})
    }
    call('first')
    balancer.on('restored', () => {
      call('newcomer')
    })
    trial.done('success')
    await clock.flush()

    expect([ran, balancer.snapshot().waiting]).toEqual([['first'], 1])
  })

  test('goes to an instance that comes with another place among the clients', async () => {
    const lists = (clients: string): Record<string, string[]> => ({
      users: ['http://127.0.0.1:9001', 'http://127.0.0.1:9002'],
      edge: [...clients].map((name) => `http://${name}:80`),
    })
    const source = new StaticSource(lists('ab'))
    const { balancer, clock } = lab([], {
      source,
      subset: { size: 1, clientId: 'b:80', peers: 'edge' },
      limit: { initial: 1, max: 1, queue: { limit: 1 } },
    })
    const hangs = balancer.pick()
    const waits = balancer.execute(({ id }) => id)
    await clock.flush()
    source.set(lists('b'))

    expect(await waits).not.toBe(hangs.instance.id)
  })
})
