import { expect, test } from 'vitest'
import { LagMeter } from './lag-meter.ts'

test('sees no lag while its ticks come in time', () => {
  const lag = new LagMeter(5, 0)

  for (let now = 5; now <= 100; now += 5) lag.tick(now)

  expect(lag.worstSince(0, 100)).toBe(0)
})

test('knows the worst stall of the time asked for, and none from before', () => {
  const lag = new LagMeter(5, 0)

  lag.tick(85)
  lag.tick(90)
  lag.tick(125)

  expect(lag.worstSince(0, 125)).toBe(80)
  expect(lag.worstSince(86, 125)).toBe(30)
  expect(lag.worstSince(126, 127)).toBe(0)
})

test('counts a stall that is not over yet', () => {
  const lag = new LagMeter(5, 0)

  lag.tick(5)

  expect(lag.worstSince(5, 60)).toBe(50)
})
