import { constant } from '@breakwater/breaker'
import { withRequestContext } from '@breakwater/command'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { PretendTransport } from './engine.model.js'
import type { Script, SeenCall } from './engine.model.js'
import { FurtherAttempts } from './further-attempts.js'
import { Pace } from './pace.js'
import { resolveService } from './service-options.js'
import type { ServiceOptions } from './service-options.js'

const WHOLE_MS = 100
const TYPICAL_MS = 40
const good: Script = { afterMs: TYPICAL_MS, how: 200 }
const failsAfter = (afterMs: number): Script => ({ afterMs, how: 503 })
const times = (count: number, script: Script): Script[] => Array.from({ length: count }, () => script)

function world(scripts: readonly Script[], options: ServiceOptions = {}): PretendTransport {
  return new PretendTransport(scripts, 2, {
    timeoutMs: WHOLE_MS,
    breaker: false,
    retry: { backoff: constant({ ms: 1 }) },
    balancer: { ejection: false },
    ...options,
  })
}

/** One request after the other; the last one is told of. */
async function asked(transport: PretendTransport, count: number): Promise<SeenCall> {
  for (let call = 1; call < count; call++) await asked(transport, 1)
  const last = transport.ask('GET')
  await transport.clock.advance(WHOLE_MS)
  return last
}

describe('R3: another attempt begins only if what is left', () => {
  it('is enough for half of all good answers; otherwise the failing answer is given at once', async () => {
    const transport = world([...times(20, good), failsAfter(WHOLE_MS - TYPICAL_MS + 5), good])
    const reasons: unknown[] = []
    transport.client.on('exhausted', ({ reason }) => reasons.push(reason))
    await asked(transport, 20)

    const last = transport.ask('GET')
    await transport.clock.advance(WHOLE_MS - TYPICAL_MS + 10)

    expect([last.status, last.ends, transport.attempts.length]).toEqual([503, 1, 21])
    expect(reasons).toEqual(['time'])
    expect(transport.client.snapshot().services[0]?.command).toMatchObject({
      inFlight: 0,
      executions: { success: 20, failure: 1 },
    })
  })

  it('is enough, with the wait before it', async () => {
    const transport = world([...times(20, good), failsAfter(WHOLE_MS - TYPICAL_MS - 10), good])

    const last = await asked(transport, 21)

    expect([last.status, transport.attempts.length]).toEqual([200, 22])
  })

  it('is anything at all, while less than 20 good answers are known', async () => {
    const transport = world([...times(19, good), failsAfter(80), { afterMs: 5, how: 200 }])

    expect((await asked(transport, 20)).status).toBe(200)
  })

  it('is anything at all, once those answers are old', async () => {
    const transport = world([...times(20, good), failsAfter(80), { afterMs: 5, how: 200 }])
    await asked(transport, 20)
    await transport.clock.advance(60_000)

    expect((await asked(transport, 1)).status).toBe(200)
  })

  it('is anything at all, where only failures take long', async () => {
    const transport = world([...times(60, failsAfter(30)), failsAfter(80), { afterMs: 5, how: 200 }], {
      retry: { maxRetries: 1, backoff: constant({ ms: 1 }) },
    })

    expect((await asked(transport, 31)).status).toBe(200)
  })
})

it('R3: a first attempt begins in whatever time there is', async () => {
  const transport = world([...times(20, good), { afterMs: 5, how: 200 }])
  await asked(transport, 20)

  const last = withRequestContext(() => Promise.resolve(transport.ask('GET')), { budgetMs: 10 })
  await transport.clock.advance(WHOLE_MS)

  expect((await last).status).toBe(200)
})

it('what is typical is the median of the last half minute, read now and then', () => {
  const pace = new Pace()
  for (let ms = 1; ms <= 19; ms++) pace.heard(ms, 0)

  const early = pace.typicalMs(0)
  pace.heard(20, 0)
  const soon = [pace.typicalMs(100), pace.typicalMs(250)]

  expect(early).toBe(0)
  expect(soon[0]).toBe(0)
  expect(soon[1]).toBeCloseTo(10, 0)
  expect(pace.typicalMs(90_000)).toBe(0)
})

it('the pace is kept of services whose requests may be tried again, and of no others', () => {
  const around = { clock: new SimClock(), random: undefined, runtime: undefined }
  const paceOf = (...all: ServiceOptions[]): unknown => {
    const [options, own = options] = all.map((each) => resolveService(each, [], ''))
    const further = new FurtherAttempts(options!, around)
    further.stagesFor(own!)
    return further.pace
  }

  expect([paceOf({ retry: false }), paceOf({ retry: false, hedge: {} })]).toEqual([undefined, undefined])
  expect(paceOf({})).toBeInstanceOf(Pace)
  expect(paceOf({ retry: false }, { retry: {} })).toBeInstanceOf(Pace)
})
