import { expect, test } from 'vitest'
import { fleet } from '../balancing.model.js'
import { Host } from './host.js'
import { OverdueWatch } from './overdue.js'

test('a call is overdue once a whole period has gone by since the one in which it began', () => {
  const host = new Host(fleet(1)[0]!)
  const watch = new OverdueWatch(1_000, 0)
  host.started(0)
  const found = [999, 1_000, 1_999, 2_000, 3_000].map((now) => watch.roll([host], now).length)

  expect(found).toEqual([0, 0, 0, 1, 0])
})
