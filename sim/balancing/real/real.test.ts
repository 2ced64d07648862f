import { expect, test } from 'vitest'
import { REAL_ROWS, runReal } from './run-real.ts'

test.each([
  ['a server that fails at once gets less than half its share', 'fast-fail'],
  ['one that is killed gets less than half its share, until another process takes over its port', 'killed'],
])('on real sockets, %s', { timeout: 60_000 }, async (_what, row) => {
  const [result] = await runReal({
    rows: REAL_ROWS.filter(({ id }) => id === row),
    strategies: ['adaptive'],
    servers: 3,
    perSecond: 100,
    goodMs: 300,
    badMs: 1_200,
    recoveryMs: 50,
  })

  expect(result?.calls).toBeGreaterThan(50)
  expect(result?.badSharePercent).toBeLessThan(50)
})
