import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fetcherOf, fullAnswer } from './registry-fetcher.model.js'

const GUARD = {
  maxShrinkPercent: 50,
  maxServiceShrinkPercent: 50,
  minServiceInstances: 2,
  maxHoldMs: 100_000,
}
const idsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `i${String(index)}`)

test('E3: whatever the order in which answers arrive, none overwrites one that was asked for later', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 8 }), async (scheduler, count) => {
      let asked = 0
      const world = fetcherOf(() => {
        const answer = fullAnswer([`fetch-${String(++asked)}`])
        return scheduler.schedule(Promise.resolve(answer))
      })
      const seen: number[] = []
      const fetches = Array.from({ length: count }, () =>
        world.fetcher.fetch().then(() => seen.push(Number(world.ids()[0]?.split('-')[1]))),
      )

      await scheduler.waitFor(Promise.all(fetches))

      expect(seen).toEqual(seen.toSorted((a, b) => a - b))
      expect(seen.at(-1)).toBe(count)
    }),
  )
})

test('E6: after any run of good answers, errors and rubbish, the last good registry is there, with its age', async () => {
  const outcome = fc.oneof(
    fc.record({ kind: fc.constant('good' as const), size: fc.nat(5) }),
    fc.record({ kind: fc.constant('error' as const) }),
    fc.record({ kind: fc.constant('rubbish' as const), json: fc.jsonValue() }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(outcome, fc.nat(60_000)), { maxLength: 20 }), async (rounds) => {
      let next: (typeof rounds)[number][0] = { kind: 'error' }
      const world = fetcherOf(() => {
        if (next.kind === 'error') return Promise.reject(new Error('down'))
        return Promise.resolve(next.kind === 'good' ? fullAnswer(idsOf(next.size)) : { rubbish: next.json })
      })
      let expected: { readonly ids: readonly string[]; readonly at: number } | undefined
      for (const [what, laterMs] of rounds) {
        await world.clock.advance(laterMs)
        next = what
        const isGood = await world.fetcher.fetch().then(
          () => true,
          () => false,
        )
        expect(isGood).toBe(what.kind === 'good')
        if (what.kind === 'good') expected = { ids: idsOf(what.size), at: world.clock.now() }
        expect(world.ids().toSorted()).toEqual((expected?.ids ?? []).toSorted())
        expect(world.fetcher.updatedAt).toBe(expected?.at)
      }
    }),
    { numRuns: 50 },
  )
})

test('E7: an empty or much smaller registry is never in use before a later fetch was as small, or its time was up', async () => {
  const guard = { ...GUARD, minServiceInstances: 1_000 }
  const round = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 30_000 }))
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 20 }), async (rounds) => {
      let size = 0
      const world = fetcherOf(() => Promise.resolve(fullAnswer(idsOf(size))), guard)
      let inUse = 0
      let suspect: { readonly size: number; readonly since: number } | undefined
      for (const [next, laterMs] of rounds) {
        await world.clock.advance(laterMs)
        size = next
        await world.fetcher.fetch()
        const now = world.clock.now()
        const isSmall = next < inUse && (next === 0 || (inUse - next) * 100 > 50 * inUse)
        const isConfirmed =
          suspect !== undefined && (next <= suspect.size || now - suspect.since >= guard.maxHoldMs)
        if (isSmall && !isConfirmed) suspect = { size: next, since: suspect?.since ?? now }
        else {
          suspect = undefined
          inUse = next
        }
        expect(world.ids()).toHaveLength(inUse)
      }
    }),
    { numRuns: 100 },
  )
})

test('E7: no instance of a service leaves a registry with the greater part of it before a later fetch says so too', async () => {
  // Others keep the registry as a whole above suspicion.
  const others = idsOf(100).map((id) => `other-${id}`)
  const present = fc.uniqueArray(fc.integer({ min: 0, max: 19 }), { maxLength: 20 })
  const round = fc.tuple(present, fc.integer({ min: 1, max: 30_000 }))
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 20 }), async (rounds) => {
      let ids: readonly string[] = []
      const world = fetcherOf(() => Promise.resolve(fullAnswer(others, { B: ids })), GUARD)
      const known = (): readonly string[] => world.ids().filter((id) => !id.startsWith('other'))
      let suspect: { readonly base: number; readonly size: number; readonly since: number } | undefined
      for (const [next, laterMs] of rounds) {
        await world.clock.advance(laterMs)
        ids = next.map((id) => `b${String(id)}`)
        const before = known()
        const { held } = await world.fetcher.fetch()

        const now = world.clock.now()
        const base = suspect?.base ?? before.length
        const isSmall = before.length >= 2 && (ids.length === 0 ? base > 0 : ids.length * 2 < base)
        const isBelieved =
          suspect !== undefined && (ids.length <= suspect.size || now - suspect.since >= 100_000)
        suspect =
          isSmall && !isBelieved ? { base, size: ids.length, since: suspect?.since ?? now } : undefined
        const expected = suspect === undefined ? ids : [...new Set([...before, ...ids])]
        expect(known().toSorted()).toEqual(expected.toSorted())
        expect(held?.services).toEqual(suspect === undefined ? undefined : ['B'])
        expect(world.ids()).toHaveLength(others.length + expected.length)
        expect(world.fetcher.updatedAt).toBe(now)
      }
    }),
    { numRuns: 100 },
  )
})
