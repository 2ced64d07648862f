import type { BalancedInstanceReading } from '@breakwater/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quietInstance } from '../fake-instruments.model.js'
import { InstanceSeats } from './instance-seats.js'

const MAX = 2

const reading = (id: string, success: number): BalancedInstanceReading =>
  quietInstance(id, { calls: { success, failure: 0, timeout: 0, neutral: 0 } })

/** Which instances there are at each scrape, and how many calls each has answered since the one before. */
const fleet = fc.array(
  fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.nat({ max: 9 }), {
    maxKeys: 5,
    noNullPrototype: true,
  }),
  { maxLength: 12 },
)

test('X4: never more series than allowed, none that goes back, and the sum counts what those without a series have answered', () => {
  fc.assert(
    fc.property(fleet, (scrapes) => {
      const seats = new InstanceSeats(MAX)
      const answered = new Map<string, number>()
      let before = new Map<string, number>()
      for (const scrape of scrapes) {
        for (const [id, more] of Object.entries(scrape)) answered.set(id, (answered.get(id) ?? 0) + more)
        const seated = seats.seat(Object.keys(scrape).map((id) => reading(id, answered.get(id)!)))
        const now = new Map(seated.map(({ server, calls }) => [server, calls.success]))

        expect([...now.keys()].filter((server) => server !== '__other__').length).toBeLessThanOrEqual(MAX)
        for (const [server, count] of now) expect(count).toBeGreaterThanOrEqual(before.get(server) ?? 0)
        const own = [...now].filter(([server]) => server !== '__other__')
        for (const [server, count] of own) expect(count).toBe(answered.get(server))
        const standing = Object.keys(scrape).filter((id) => !now.has(id))
        const atLeast = standing.reduce((sum, id) => sum + answered.get(id)!, 0)
        expect(now.get('__other__') ?? 0).toBeGreaterThanOrEqual(atLeast)
        expect(now.get('__other__') ?? 0).toBeLessThanOrEqual(
          [...answered.values()].reduce((sum, each) => sum + each, 0),
        )
        before = now
      }
    }),
    { numRuns: 300 },
  )
})
