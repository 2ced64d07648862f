/** Calls of `execute` that wait while all instances have as many in flight as they may have. */
import { BulkheadFullError, endedAs, InvalidOptionsError, NoInstancesError } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { fleet, lab } from './balancing.model.js'
import type { Lab } from './balancing.model.js'
import type { LimitOptions } from './limit-options.js'

interface Held {
  readonly answer: Promise<unknown>
  /** Lets the work end; it has to run. */
  end(): void
}

/** One instance that takes a single call, and a line in front of it. */
function world(queue: LimitOptions['queue'], count = 1): Lab & { readonly ran: string[] } {
  const made = lab(fleet(count), { limit: { initial: 1, max: 1, queue }, ejection: false })
  return { ...made, ran: [] }
}

/** A call whose work tells that it runs, and ends when it is told to. */
async function begin(
  { balancer, clock, ran }: ReturnType<typeof world>,
  name: string,
  options = {},
): Promise<Held> {
  let end = (): void => {
    throw new Error(`${name} does not run`)
  }
  const answer = balancer.execute(({ id }) => {
    ran.push(`${name} on ${id}`)
    return new Promise<string>((resolve) => {
      end = () => {
        resolve(name)
      }
    })
  }, options)
  answer.catch(() => {})
  await clock.flush()
  return {
    answer,
    end: () => {
      end()
    },
  }
}

describe('a call for which nobody has room', () => {
  test.each([
    ['fifo', ['a on i0', 'b on i0', 'c on i0']],
    ['lifo', ['a on i0', 'c on i0', 'b on i0']],
  ] as const)('waits in turn (%s) until a slot is given back', async (order, expected) => {
    const here = world({ limit: 2, order })
    const [a, b, c] = [await begin(here, 'a'), await begin(here, 'b'), await begin(here, 'c')]
    const waiting = here.balancer.snapshot()
    a.end()
    await here.clock.flush()
    const next = order === 'fifo' ? [b, c] : [c, b]
    for (const call of next) {
      call.end()
      await here.clock.flush()
    }

    expect(waiting).toMatchObject({ waiting: 2, inFlight: 1, calls: { full: 0 } })
    expect(here.ran).toEqual(expected)
    expect(await Promise.all([a.answer, b.answer, c.answer])).toEqual(['a', 'b', 'c'])
    expect(here.balancer.snapshot()).toMatchObject({
      waiting: 0,
      inFlight: 0,
      calls: { success: 3, full: 0 },
    })
  })

  test('takes the slot in the moment in which it is given back, before a newcomer can', async () => {
    const here = world({ limit: 1 })
    const pick = here.balancer.pick()
    const waits = await begin(here, 'waits')
    pick.done('success')

    expect(() => here.balancer.pick()).toThrow(BulkheadFullError)
    await here.clock.flush()
    expect(here.ran).toEqual(['waits on i0'])
    waits.end()
    await waits.answer
  })

  test('is refused when as many wait as may', async () => {
    const here = world({ limit: 1 })
    const [a, b] = [await begin(here, 'a'), await begin(here, 'b')]
    const refused = await begin(here, 'c')

    await expect(refused.answer).rejects.toMatchObject({
      reason: 'queue_full',
      message: 'users: all 1 instances have as many calls as they may have, 1 together; 1 wait',
    })
    a.end()
    await here.clock.flush()
    b.end()
    await b.answer
    expect(here.balancer.snapshot().calls).toMatchObject({ success: 2, full: 1 })
  })

  test('is refused when it has waited for too long, and keeps no timer when it has not', async () => {
    const here = world({ limit: 2, maxWaitMs: 100 })
    const a = await begin(here, 'a')
    const late = await begin(here, 'late')
    await here.clock.advance(50)
    const early = await begin(here, 'early')
    await here.clock.advance(49)
    const before = here.balancer.snapshot().waiting
    await here.clock.advance(1)
    const after = here.balancer.snapshot().waiting
    a.end()
    await here.clock.flush()

    await expect(late.answer).rejects.toMatchObject({ reason: 'queue_timeout' })
    expect([before, after]).toEqual([2, 1])
    expect(here.ran).toEqual(['a on i0', 'early on i0'])
    expect(here.clock.pending.timers).toBe(0)
    early.end()
    await early.answer
  })

  test('leaves its place at once when its caller aborts, and when its time is over', async () => {
    const here = world({ limit: 5, maxWaitMs: 1_000 })
    const caller = new AbortController()
    const a = await begin(here, 'a')
    const aborted = await begin(here, 'aborted', { signal: caller.signal })
    const late = await begin(here, 'late', { budgetMs: 20 })
    const last = await begin(here, 'last')
    caller.abort(new Error('gone'))
    await here.clock.flush()
    const afterAbort = here.balancer.snapshot().waiting
    await here.clock.advance(20)
    const afterTime = here.balancer.snapshot().waiting
    a.end()
    await here.clock.flush()

    await expect(aborted.answer).rejects.toThrow('gone')
    await expect(late.answer).rejects.toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED' })
    expect([afterAbort, afterTime]).toEqual([2, 1])
    expect(here.ran).toEqual(['a on i0', 'last on i0'])
    last.end()
    await last.answer
    expect(here.balancer.snapshot()).toMatchObject({
      inFlight: 0,
      calls: { success: 2, cancelled: 0, timeout: 0 },
    })
  })

  test('that ends in the moment of its turn does not run, and gives the slot back', async () => {
    const here = world({ limit: 2 })
    const caller = new AbortController()
    const pick = here.balancer.pick()
    const aborted = await begin(here, 'aborted', { signal: caller.signal })
    const next = await begin(here, 'next')
    pick.done('success')
    caller.abort(new Error('gone'))
    await here.clock.flush()

    await expect(aborted.answer).rejects.toThrow('gone')
    expect(here.ran).toEqual(['next on i0'])
    next.end()
    await next.answer
    expect(here.balancer.snapshot()).toMatchObject({ inFlight: 0, waiting: 0 })
  })

  test('goes to an instance that comes, and is told when there is nobody left', async () => {
    const here = world({ limit: 2 })
    const a = await begin(here, 'a')
    const [b, c] = [await begin(here, 'b'), await begin(here, 'c')]
    here.source.publish(fleet(2))
    await here.clock.flush()
    const ran = [...here.ran]
    here.source.publish([])

    await expect(c.answer).rejects.toBeInstanceOf(NoInstancesError)
    expect(ran).toEqual(['a on i0', 'b on i1'])
    a.end()
    b.end()
    await Promise.all([a.answer, b.answer])
    expect(here.balancer.snapshot()).toMatchObject({ inFlight: 0, waiting: 0 })
  })

  test('does not keep others waiting whose instances have room', async () => {
    const here = world({ limit: 2 }, 2)
    const first = here.balancer.pick({ exclude: ['i1'] })
    const a = await begin(here, 'a', { exclude: ['i0'] })
    const b = await begin(here, 'b')
    first.done('success')
    await here.clock.flush()

    expect(here.ran).toEqual(['a on i1', 'b on i0'])
    a.end()
    b.end()
    await Promise.all([a.answer, b.answer])
  })

  test('is served once where a listener ends calls while it chooses', async () => {
    const here = world({ limit: 3 }, 2)
    const picks = [here.balancer.pick(), here.balancer.pick()]
    const calls = [await begin(here, 'a'), await begin(here, 'b')]
    here.balancer.on('added', () => {
      for (const pick of picks) pick.done('success')
    })
    here.source.publish(fleet(3))
    await here.clock.flush()

    expect(here.ran.map((line) => line[0])).toEqual(['a', 'b'])
    for (const call of calls) {
      call.end()
      await call.answer
    }
    expect(here.balancer.snapshot()).toMatchObject({ inFlight: 0, waiting: 0 })
  })
})

test.each([0, 1])(
  'a refusal tells a command around it that there was no room (%i may wait)',
  async (limit) => {
    const here = world({ limit })
    const running = [await begin(here, 'a'), await begin(here, 'b')].slice(0, 1 + limit)
    const refused: unknown = await here.balancer.execute(() => 'ran').catch((error: unknown) => error)

    expect(refused).toBeInstanceOf(BulkheadFullError)
    expect(endedAs(refused)).toBe('rejected')
    for (const { end, answer } of running) {
      end()
      await answer
      await here.clock.flush()
    }
  },
)

test('a line for nobody is none', async () => {
  const here = world({ limit: 0, maxWaitMs: 5 })
  const a = await begin(here, 'a')
  const refused = await begin(here, 'b')

  await expect(refused.answer).rejects.toMatchObject({ reason: 'concurrency' })
  a.end()
  await a.answer
})

test.each([
  [{ limit: -1 }],
  [{ limit: 1.5 }],
  [{ limit: 1, maxWaitMs: Number.NaN }],
  [{ order: 'random' }],
  [{ size: 5 }],
  [5],
])('the queue %o is refused', (queue) => {
  expect(() => lab(fleet(1), { limit: { queue: queue as never } })).toThrow(InvalidOptionsError)
})
