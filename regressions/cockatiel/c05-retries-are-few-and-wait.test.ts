/**
 * Without options cockatiel 4 retries for ever, with no wait between attempts (reproduced).
 */
import { Retry } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { failing } from '../calls.model.js'

test('without options a retry makes two further attempts, each after a wait', async () => {
  const clock = new SimClock()
  const begins: number[] = []
  const outcome = new Retry({ clock }).outcome(() => {
    begins.push(clock.now())
    return failing()
  })

  await clock.advance(60_000)

  expect((await outcome).kind).toBe('failure')
  expect(begins).toHaveLength(3)
  for (const [index, begin] of begins.entries()) {
    if (index > 0) expect(begin - (begins[index - 1] ?? 0)).toBeGreaterThanOrEqual(100)
  }
})
