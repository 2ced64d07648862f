/** A fair share within 20 s of recovery, however fast or slow the service is. */
import { describe, expect, test } from 'vitest'
import { fleet, shareOf, simulate } from './balancing.model.js'

const refused = { ms: 0, kind: 'failure' } as const

describe.each([0.5, 2, 20, 200])('of instances that answer within %d ms', (ms) => {
  const fine = (now: number): { ms: number; kind: 'success' } => ({
    ms: ms * (0.7 + (now % 7) / 10),
    kind: 'success',
  })

  test.each([
    { count: 3, clients: 1, perSecond: 50 },
    { count: 3, clients: 20, perSecond: 400 },
    { count: 20, clients: 20, perSecond: 400 },
  ])(
    'one of $count that failed at once has its share again after 20 s, with $clients clients',
    ({ count, clients, perSecond }) => {
      const done = simulate(fleet(count), {
        strategy: 'adaptive',
        clients,
        perSecond,
        durationMs: 45_000,
        answer: (id, now) => (id === 'i0' && now > 10_000 && now < 15_000 ? refused : fine(now)),
      })

      const after = done.filter(({ at }) => at < 40_000)
      expect(shareOf(after, 'i0', 35_000) * count).toBeGreaterThan(0.7)
      expect(done.filter(({ kind }) => kind === 'failure').length).toBeLessThanOrEqual(2 * clients)
    },
  )

  test.each([1, 4])(
    'two that failed one after the other share evenly again after 20 s, with %i clients',
    (clients) => {
      const done = simulate(fleet(2), {
        strategy: 'adaptive',
        clients,
        perSecond: 100 * clients,
        durationMs: 45_000,
        answer: (id, now) => (now > (id === 'i0' ? 10_000 : 15_000) && now < 20_000 ? refused : fine(now)),
      })

      expect(shareOf(done, 'i0', 40_000)).toBeGreaterThan(0.35)
      expect(shareOf(done, 'i0', 40_000)).toBeLessThan(0.65)
    },
  )
})
