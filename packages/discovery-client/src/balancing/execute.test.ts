import {
  BulkheadFullError,
  CallTimeoutError,
  CircuitOpenError,
  HedgeLostError,
  NoInstancesError,
} from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { fleet, lab } from './balancing.model.js'
import type { BalancerOptions } from './balancer-options.js'

const one = (options: Partial<BalancerOptions> = {}): ReturnType<typeof lab> => lab(fleet(1), options)
const counts = ({ balancer }: ReturnType<typeof lab>): object => {
  const { inFlight, picks, successes, failures, timeouts, neutral } = balancer.snapshot().instances[0]!
  return { inFlight, picks, successes, failures, timeouts, neutral }
}
const none = { inFlight: 0, picks: 1, successes: 0, failures: 0, timeouts: 0, neutral: 0 }

describe('execute', () => {
  test('gives the instance and the call to the work, and its answer back', async () => {
    const world = one()

    const answer = await world.balancer.execute(({ id }, call) =>
      Promise.resolve(`${id}, attempt ${String(call.attempt)}`),
    )

    expect(answer).toBe('i0, attempt 1')
    expect(counts(world)).toEqual({ ...none, successes: 1 })
  })

  test.each([
    [new Error('reset'), { failures: 1 }],
    [new CallTimeoutError('slow'), { timeouts: 1 }],
    [new BulkheadFullError('full'), { neutral: 1 }],
    [new NoInstancesError('none behind it'), { neutral: 1 }],
  ])('passes %s through unchanged, and counts it', async (error, counted) => {
    const world = one()

    await expect(world.balancer.execute(() => Promise.reject(error))).rejects.toBe(error)

    expect(counts(world)).toEqual({ ...none, ...counted })
  })

  test("ends with the caller's abort at once, which counts against nobody", async () => {
    const world = one()
    const caller = new AbortController()
    const reason = new Error('changed my mind')
    const running = world.balancer.execute(() => new Promise(() => {}), { signal: caller.signal })
    await world.clock.flush()
    expect(counts(world)).toMatchObject({ inFlight: 1 })

    caller.abort(reason)

    await expect(running).rejects.toBe(reason)
    expect(counts(world)).toEqual({ ...none, neutral: 1 })
  })

  test('picks nobody for a call that never starts', async () => {
    const world = one()
    const signal = AbortSignal.abort(new Error('gone'))

    await expect(world.balancer.execute(() => 1, { signal })).rejects.toThrow('gone')
    await expect(world.balancer.execute(() => 1, { budgetMs: 0 })).rejects.toMatchObject({
      code: 'ERR_DEADLINE_EXCEEDED',
    })

    expect(counts(world)).toEqual({ ...none, picks: 0 })
  })

  test('counts the end of its budget as a timeout of the instance', async () => {
    const world = one()
    const running = world.balancer.execute(() => new Promise(() => {}), { budgetMs: 5_000 })
    const ended = expect(running).rejects.toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED' })

    await world.clock.advance(5_001)

    await ended
    expect(counts(world)).toEqual({ ...none, timeouts: 1 })
  })

  test('rejects when there is nobody, as pick throws', async () => {
    const { balancer } = lab([])

    await expect(balancer.execute(() => 1)).rejects.toThrow(NoInstancesError)
  })

  test('asks classify what answers and errors are worth', async () => {
    const world = one({
      classify: (outcome) =>
        outcome.kind === 'success' ? (outcome.value === 503 ? 'failure' : 'success') : 'ignored',
    })

    expect(await world.balancer.execute(() => 503)).toBe(503)
    await expect(world.balancer.execute(() => Promise.reject(new Error('404')))).rejects.toThrow('404')

    expect(counts(world)).toEqual({ ...none, picks: 2, failures: 1, neutral: 1 })
  })

  test.each(['gateway', 'local', 'throttled'] as const)(
    'takes %s from classify for a failure of that origin',
    async (origin) => {
      const ejection = { consecutiveFailures: false, consecutiveLocalFailures: 2 } as const
      const world = lab(fleet(2), { ejection, classify: () => origin, strategy: 'roundRobin' })
      for (let call = 0; call < 4; call++) {
        await world.balancer.execute(() => 1, { exclude: ['i1'] })
        // Local failures at the same moment are one.
        await world.clock.advance(10)
      }
      const { failures, ejectedBy } = world.balancer.snapshot().instances[0]!

      expect(failures).toBeGreaterThan(1)
      expect(ejectedBy).toBe(origin === 'local' ? 'consecutiveLocalFailures' : undefined)
    },
  )

  test('never counts aborts, lost hedges and refusals of ours against an instance', async () => {
    const world = lab(fleet(2))
    const errors = [new HedgeLostError('other'), new CircuitOpenError('open'), new BulkheadFullError('full')]
    for (let round = 0; round < 10; round++) {
      for (const error of errors) {
        await world.balancer.execute(() => Promise.reject(error), { exclude: ['i1'] }).catch(() => {})
      }
    }

    expect(world.balancer.snapshot().instances[0]).toMatchObject({
      neutral: 30,
      phase: 'serving',
      inFlight: 0,
    })
  })

  test('avoids an instance for longer when it says so', async () => {
    const busy = new CallTimeoutError('busy', { retryAfterMs: 60_000 })
    const [world, other] = [one(), one()]

    await expect(world.balancer.execute(() => Promise.reject(busy))).rejects.toBe(busy)
    await expect(other.balancer.execute(() => Promise.reject(new Error('x')))).rejects.toThrow('x')

    expect(world.balancer.snapshot().instances[0]?.latencyMs).toBe(60_000)
    expect(other.balancer.snapshot().instances[0]?.latencyMs).toBe(1_000)
  })
})
