import { assertType, expectTypeOf, test } from 'vitest'
import { systemClock } from './clock.js'
import type { Clock, EpochMs, MonotonicMs } from './clock.js'

test('plain numbers are assignable to both kinds of time', () => {
  assertType<MonotonicMs>(5)
  assertType<EpochMs>(5)
  assertType<number>(systemClock.now())
  assertType<MonotonicMs>(systemClock.now() + 5)
})

test('the two kinds of time cannot be mixed up', () => {
  expectTypeOf<MonotonicMs>().not.toExtend<EpochMs>()
  expectTypeOf<EpochMs>().not.toExtend<MonotonicMs>()
  // @ts-expect-error wall-clock time is no point on the monotonic clock
  systemClock.schedule(systemClock.epochNow(), () => undefined)
})

test('a clock of three methods is enough', () => {
  assertType<Clock>({ now: () => 0, epochNow: () => 0, schedule: () => () => undefined })
})
