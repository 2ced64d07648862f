import { expect, test } from 'vitest'
import { planFaults } from './script.ts'

test.each([15, 20, 45, 600])(
  'plays one fault after the other within %i seconds, and leaves time to recover',
  (seconds) => {
    const faults = planFaults(seconds)

    const times = faults.flatMap(({ fromMs, toMs }) => [fromMs, toMs])
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(times.at(-1)).toBeLessThanOrEqual(seconds * 1000 - 3_000)
  },
)

test('plays every kind of fault, on every upstream', () => {
  const faults = planFaults(45)

  expect(faults.map(({ kind }) => kind).toSorted()).toEqual(['failing', 'frozen', 'killed', 'slow'])
  expect(new Set(faults.map(({ command }) => command)).size).toBe(3)
})
