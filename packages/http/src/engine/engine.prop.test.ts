import { constant, RetryBudget } from '@breakwater/breaker'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PretendTransport } from './engine.model.js'
import type { Script, SeenCall } from './engine.model.js'

const script: fc.Arbitrary<Script> = fc.record({
  afterMs: fc.constantFrom(0, 1, 2, 5, 30),
  how: fc.constantFrom<Script['how'][]>(
    'refused',
    'reset',
    'cut',
    'never',
    200,
    200,
    204,
    404,
    429,
    500,
    503,
  ),
})
const request = fc.record({
  method: fc.constantFrom('GET', 'PUT', 'POST'),
  atMs: fc.nat(20),
  abortsAtMs: fc.option(fc.nat(40), { nil: undefined }),
})
const setting = fc.record({
  instances: fc.integer({ min: 1, max: 4 }),
  maxRetries: fc.nat(3),
  percent: fc.constantFrom(0, 100, 1_000),
  hedged: fc.boolean(),
  endsWith: fc.constantFrom('body', 'headers'),
  limit: fc.constantFrom(1, 100),
})
type Setting = typeof setting extends fc.Arbitrary<infer S> ? S : never
type Asked = typeof request extends fc.Arbitrary<infer R> ? R : never

const REASON = new Error('enough')

function world(scripts: readonly Script[], given: Setting): PretendTransport {
  const { instances, maxRetries, percent, hedged, endsWith, limit } = given
  return new PretendTransport(scripts, instances, {
    timeoutMs: 100,
    attemptTimeoutMs: 20,
    endsWith,
    bodyTimeoutMs: 50,
    breaker: false,
    bulkhead: { limit },
    retry: {
      maxRetries,
      backoff: constant({ ms: 3 }),
      budget: new RetryBudget({ percent, minPerSecond: 0 }),
    },
    hedge: hedged && { delayMs: 4, maxExtraPercent: 1_000 },
  })
}

async function play(transport: PretendTransport, asked: readonly Asked[]): Promise<SeenCall[]> {
  const calls: SeenCall[] = []
  asked.forEach(({ method, atMs, abortsAtMs }, at) => {
    transport.clock.schedule(atMs, () => {
      calls[at] = transport.ask(method, method === 'GET' ? undefined : 'body')
    })
    if (abortsAtMs !== undefined) transport.clock.schedule(abortsAtMs, () => calls[at]?.abort(REASON))
  })
  await transport.clock.advance(1_000)
  return calls
}

it('R1 R3 R4 R7 P5: requests end once, in time, and leave nothing, whatever becomes of their attempts', async () => {
  const scripts = fc.array(script, { minLength: 1, maxLength: 8 })
  const requests = fc.array(request, { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(setting, scripts, requests, async (given, list, asked) => {
      const transport = world(list, given)

      const calls = await play(transport, asked)

      const { attempts, client } = transport
      const [users] = client.snapshot().services
      expect(calls.map(({ ends }) => ends)).toEqual(asked.map(() => 1))
      expect(attempts.filter(({ isOver }) => !isOver)).toEqual([])
      expect(users?.command).toMatchObject({ inFlight: 0, bulkhead: { running: 0 } })
      expect(users?.balancer?.instances.map(({ inFlight }) => inFlight)).toEqual(
        Array(given.instances).fill(0),
      )
      // The body is that of the answer whose status came, and whole unless the call failed.
      for (const { status, body, error } of calls)
        if (error === undefined) expect(['200', String(status)]).toContain(body)
      expect(transport.clock.pending).toMatchObject({ timers: 0, io: 0, afterPoll: 0 })
    }),
    { numRuns: 250 },
  )
})

it('R4: what may have been done is not done again, unless doing it twice is the same', async () => {
  await fc.assert(
    fc.asyncProperty(setting, fc.array(script, { minLength: 1, maxLength: 8 }), async (given, list) => {
      const transport = world(list, given)

      transport.ask('POST', 'body')
      await transport.clock.advance(1_000)

      expect(transport.attempts.filter(({ wasSent }) => wasSent).length).toBeLessThanOrEqual(1)
    }),
    { numRuns: 150 },
  )
})

it('R5: attempts of a service stay within its budget', async () => {
  const count = fc.integer({ min: 1, max: 30 })
  await fc.assert(
    fc.asyncProperty(setting, count, async (given, calls) => {
      const transport = world([{ afterMs: 0, how: 503 }], { ...given, limit: 100 })

      for (let call = 0; call < calls; call++) transport.ask('GET')
      await transport.clock.advance(1_000)

      const extra = transport.attempts.length - calls
      expect(extra).toBeLessThanOrEqual(Math.ceil((given.percent / 100) * calls))
      expect(extra).toBeLessThanOrEqual(calls * ((given.maxRetries + 1) * 2 - 1))
    }),
    { numRuns: 60 },
  )
})
