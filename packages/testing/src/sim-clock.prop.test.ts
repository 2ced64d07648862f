import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SimClock } from './sim-clock.js'

type Step =
  | { readonly kind: 'schedule' | 'io'; readonly in: number; readonly spawns: number | null }
  | { readonly kind: 'cancel'; readonly index: number }
  | { readonly kind: 'advance' | 'stall'; readonly ms: number }

const duration = fc.oneof(fc.constantFrom(0, 1, 10, 2 ** 31), fc.nat(20))
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('schedule' as const, 'io' as const),
    in: fc.oneof(duration, fc.constant(-5)),
    spawns: fc.option(fc.nat(10)),
  }),
  fc.record({ kind: fc.constant('cancel' as const), index: fc.nat(20) }),
  fc.record({ kind: fc.constantFrom('advance' as const, 'stall' as const), ms: duration }),
)

interface Item {
  readonly kind: 'schedule' | 'io'
  readonly at: number
  ranAt: number | undefined
  cancelled: boolean
  cancel: () => void
}

it('K1 K2 time never goes back, nothing runs early, twice or after a cancel, and all that is due runs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const clock = new SimClock()
      const items: Item[] = []
      let latest = 0
      const plan = (kind: 'schedule' | 'io', delay: number, spawns: number | null): void => {
        const item: Item = {
          kind,
          at: clock.now() + delay,
          ranAt: undefined,
          cancelled: false,
          cancel: () => undefined,
        }
        items.push(item)
        item.cancel = clock[kind](item.at, () => {
          expect(clock.now()).toBeGreaterThanOrEqual(Math.max(latest, item.at))
          expect([item.ranAt, item.cancelled]).toEqual([undefined, false])
          latest = clock.now()
          item.ranAt = clock.now()
          if (spawns !== null) plan(kind, spawns, null)
        })
      }
      for (const each of steps) {
        const before = clock.now()
        if (each.kind === 'schedule' || each.kind === 'io') plan(each.kind, each.in, each.spawns)
        const item = each.kind === 'cancel' ? items[each.index] : undefined
        if (item !== undefined) {
          item.cancelled = item.ranAt === undefined
          item.cancel()
        }
        if (each.kind === 'stall') clock.stall(each.ms)
        if (each.kind === 'advance') {
          await clock.advance(each.ms)
          const due = items.filter((one) => one.at <= clock.now() && !one.cancelled)
          expect(due.every((one) => one.ranAt !== undefined)).toBe(true)
        }
        expect(clock.now() - before).toBe('ms' in each ? each.ms : 0)
        const waiting = (kind: string): number =>
          items.filter((one) => one.kind === kind && one.ranAt === undefined && !one.cancelled).length
        expect(clock.pending).toEqual({
          timers: waiting('schedule'),
          background: 0,
          io: waiting('io'),
          afterPoll: 0,
        })
      }
    }),
    { numRuns: 300 },
  )
})

it('without a stall everything runs exactly at its time, in order of time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ kind: fc.constantFrom('schedule' as const, 'io' as const), at: fc.nat(30) }), {
        maxLength: 20,
      }),
      async (plans) => {
        const clock = new SimClock()
        const ran: { kind: string; at: number; now: number; index: number }[] = []
        plans.forEach(({ kind, at }, index) => {
          clock[kind](at, () => ran.push({ kind, at, now: clock.now(), index }))
        })
        await clock.advance(30)

        expect(ran.every(({ at, now }) => at === now)).toBe(true)
        const phase = (kind: string): number => (kind === 'schedule' ? 0 : 1)
        const sorted = [...ran].sort(
          (a, b) => a.at - b.at || phase(a.kind) - phase(b.kind) || a.index - b.index,
        )
        expect(ran).toEqual(sorted)
        expect(ran).toHaveLength(plans.length)
      },
    ),
    { numRuns: 200 },
  )
})
