import { expect, test } from 'vitest'
import { LEASE_MS, NEWS_MS } from './promises.ts'
import { LOST, planEvents, planFaults, WITHDRAWN } from './script.ts'

test.each([20, 25, 45, 600])(
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

test.each([20, 25, 45, 600])('leaves time within %i seconds to see what an event leads to', (seconds) => {
  const lengths = new Map(planEvents(seconds).map(({ kind, fromMs, toMs }) => [kind, toMs - fromMs]))

  expect(lengths.get('out-of-service')).toBeGreaterThan(NEWS_MS + 1_000)
  // A lease runs out after twice its time.
  expect(lengths.get('lost')).toBeGreaterThan(2 * LEASE_MS + NEWS_MS + 1_000)
})

test('restarts the registry before anything else is wrong', () => {
  const [first, ...others] = planEvents(45)

  expect(first?.kind).toBe('registry-restart')
  for (const { fromMs } of [...others, ...planFaults(45)]) expect(fromMs).toBeGreaterThan(first?.toMs ?? NaN)
})

test.each([
  ['out-of-service', WITHDRAWN],
  ['lost', LOST],
] as const)('gives an upstream whose instance is %s no fault meanwhile', (kind, command) => {
  const event = planEvents(45).find((each) => each.kind === kind)

  const faults = planFaults(45).filter((fault) => fault.command === command)
  expect(faults.length).toBeGreaterThan(0)
  for (const { fromMs, toMs } of faults) {
    expect(fromMs >= (event?.toMs ?? NaN) || toMs <= (event?.fromMs ?? NaN)).toBe(true)
  }
})

test.each([20, 25, 45])(
  'loses an instance within %i seconds only after its upstream has recovered',
  (seconds) => {
    const lostAt = planEvents(seconds).find(({ kind }) => kind === 'lost')?.fromMs ?? NaN

    const before = planFaults(seconds).filter(({ command, toMs }) => command === LOST && toMs <= lostAt)
    expect(before.length).toBeGreaterThan(0)
    // A breaker is open for a second at most, and lets everybody in again a second after it has closed.
    for (const { toMs } of before) expect(lostAt - toMs).toBeGreaterThan(2_500)
  },
)
