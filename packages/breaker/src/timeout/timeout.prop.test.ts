import { pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Timeout } from './timeout.js'

interface Ended {
  readonly kind: string
  readonly at: number
}

/** One call: when it begins, when its work answers (`undefined`: never), and who limits it by how much. */
const callSpec = fc.record({
  startMs: fc.nat(300),
  answersAfterMs: fc.option(fc.nat(200), { nil: undefined }),
  timeoutMs: fc.constantFrom(1, 10, 50, 100),
  budgetMs: fc.option(fc.nat(120), { nil: undefined }),
  outerMs: fc.option(fc.constantFrom(100, 150), { nil: undefined }),
  abortsAfterMs: fc.option(fc.integer({ min: 1, max: 150 }), { nil: undefined }),
})
type CallSpec = typeof callSpec extends fc.Arbitrary<infer S> ? S : never

function begin(clock: SimClock, spec: CallSpec, timeouts: Map<number, Timeout>): Promise<Ended> {
  const timeout = timeouts.get(spec.timeoutMs) ?? new Timeout({ timeoutMs: spec.timeoutMs, clock })
  timeouts.set(spec.timeoutMs, timeout)
  const policy =
    spec.outerMs === undefined ? timeout : pipeline(new Timeout({ timeoutMs: spec.outerMs, clock }), timeout)
  const controller = new AbortController()
  const { answersAfterMs, abortsAfterMs } = spec
  if (abortsAfterMs !== undefined) clock.schedule(clock.now() + abortsAfterMs, () => controller.abort())
  const work = (): Promise<unknown> =>
    new Promise((resolve) => {
      if (answersAfterMs !== undefined) clock.io(clock.now() + answersAfterMs, () => resolve(1))
    })
  return policy
    .outcome(work, { signal: controller.signal, budgetMs: spec.budgetMs })
    .then(({ kind }) => ({ kind, at: clock.now() - spec.startMs }))
}

/** Without stalls everything is exact. At the same instant the loop runs timers (aborts), then I/O (answers), then verdicts. */
function expectedEnd({
  answersAfterMs = Infinity,
  abortsAfterMs = Infinity,
  ...limits
}: CallSpec): Ended | undefined {
  const limitMs = Math.min(limits.timeoutMs, limits.budgetMs ?? Infinity, limits.outerMs ?? Infinity)
  if (limits.budgetMs === 0) return { kind: 'timeout', at: 0 }
  const at = Math.min(limitMs, answersAfterMs, abortsAfterMs)
  if (abortsAfterMs === at) return { kind: 'cancelled', at }
  return { kind: answersAfterMs === at ? 'success' : 'timeout', at }
}

describe('timeouts', () => {
  it('T1 T5 T6 T8: calls end by the earliest of answer, abort and limit, at its very time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(callSpec, { minLength: 1, maxLength: 12 }), async (specs) => {
        const clock = new SimClock()
        const timeouts = new Map<number, Timeout>()
        const ends: (Ended | undefined)[] = specs.map(() => undefined)
        specs.forEach((spec, index) => {
          clock.schedule(spec.startMs, () => {
            void begin(clock, spec, timeouts).then((end) => (ends[index] = end))
          })
        })

        await clock.advance(1_000)

        expect(ends).toEqual(specs.map(expectedEnd))
        expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
      }),
      { numRuns: 300 },
    )
  }, 60_000)

  it('T1 T2: a stalled loop makes ends late by the stall at most, and no timeout of an answer that was there', async () => {
    const stall = fc.record({ at: fc.nat(400), ms: fc.nat(300) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(callSpec, { minLength: 1, maxLength: 8 }),
        fc.array(stall, { maxLength: 3 }),
        async (given, stalls) => {
          const specs = given.map((spec) => ({
            ...spec,
            abortsAfterMs: undefined,
            budgetMs: undefined,
            outerMs: undefined,
          }))
          const clock = new SimClock()
          const timeouts = new Map<number, Timeout>()
          const begins: number[] = []
          const ends: Ended[] = []
          specs.forEach((spec, index) => {
            clock.schedule(spec.startMs, () => {
              begins[index] = clock.now()
              void begin(clock, { ...spec, startMs: clock.now() }, timeouts).then(
                (end) => (ends[index] = end),
              )
            })
          })
          for (const { at, ms } of stalls) clock.schedule(at, () => clock.stall(ms))

          await clock.advance(2_000)

          const stalledMs = stalls.reduce((sum, { ms }) => sum + ms, 0)
          specs.forEach(({ answersAfterMs = Infinity, timeoutMs }, index) => {
            const end = ends[index]
            if (answersAfterMs <= timeoutMs) expect(end?.kind).toBe('success')
            expect(end?.at).toBeGreaterThanOrEqual(Math.min(answersAfterMs, timeoutMs))
            expect(end?.at).toBeLessThanOrEqual(Math.min(answersAfterMs, timeoutMs) + stalledMs)
          })
          expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
        },
      ),
      { numRuns: 300 },
    )
  }, 60_000)

  it('T3 T4: the signal aborts exactly when the call ended early, once, with its error', async () => {
    await fc.assert(
      fc.asyncProperty(callSpec, fc.boolean(), async (spec, readsLate) => {
        const clock = new SimClock()
        let aborts = 0
        const reasons: unknown[] = []
        const controller = new AbortController()
        const reason = new Error('mine')
        if (spec.abortsAfterMs !== undefined)
          clock.schedule(spec.abortsAfterMs, () => controller.abort(reason))
        let readSignal: () => AbortSignal = () => AbortSignal.abort('never started')

        const outcome = new Timeout({ timeoutMs: spec.timeoutMs, clock }).outcome(
          (call) => {
            readSignal = () => call.signal
            if (!readsLate) {
              call.signal.addEventListener('abort', () => {
                aborts++
                reasons.push(call.signal.reason)
              })
            }
            return new Promise((resolve) => {
              if (spec.answersAfterMs !== undefined) clock.io(spec.answersAfterMs, () => resolve(1))
            })
          },
          { signal: controller.signal },
        )
        await clock.advance(1_000)

        const ended = await outcome
        const endedEarly = ended.kind !== 'success'
        expect(readSignal().aborted).toBe(endedEarly)
        if (ended.kind === 'success') return
        expect(readSignal().reason).toBe(ended.error)
        if (!readsLate) expect([aborts, reasons]).toEqual([1, [ended.error]])
      }),
      { numRuns: 300 },
    )
  }, 60_000)

  it('T7: all calls of one time share one timer, and none is left when they have ended', async () => {
    const clock = new SimClock()
    const timeout = new Timeout({ timeoutMs: 100, clock })

    for (let call = 0; call < 1_000; call++) void timeout.outcome(() => new Promise(() => undefined))
    for (let call = 0; call < 10_000; call++) await timeout.execute(() => Promise.resolve(call))
    expect(clock.pending).toEqual({ timers: 0, background: 1, io: 0, afterPoll: 0 })
    await clock.advance(100)

    expect(timeout.expirations).toBe(1_000)
    expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
  })
})
