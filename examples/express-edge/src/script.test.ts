import { expect, test } from 'vitest'
import { LEASE_MS, NEWS_MS, NOTICE_MS } from './promises.ts'
import { FAILING, LOST, planEvents, planFaults, planTroubles, SLOW, WITHDRAWN } from './script.ts'
import { COMMANDS } from './tally.ts'

test.each([28, 34, 60, 600])(
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

test.each([28, 34, 60, 600])('leaves time within %i seconds to see what an event leads to', (seconds) => {
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

test.each([28, 34, 60])(
  'loses an instance within %i seconds before its upstream fails as a whole',
  (seconds) => {
    const { toMs = NaN } = planEvents(seconds).find(({ kind }) => kind === 'lost') ?? {}

    const after = planFaults(seconds).filter(({ command, fromMs }) => command === LOST && fromMs >= toMs)
    expect(after.length).toBeGreaterThan(0)
    // It takes a while to be started again.
    for (const { fromMs } of after) expect(fromMs - toMs).toBeGreaterThan(1_000)
  },
)

test.each([28, 34, 60])(
  'plays troubles within %i seconds that can be noticed, one after the other',
  (seconds) => {
    const troubles = planTroubles(seconds)

    expect(troubles.map(({ kind }) => kind)).toEqual(['slow-instance', 'lost-zone', 'failing-instance'])
    for (const { fromMs, toMs } of troubles) expect(toMs - fromMs).toBeGreaterThan(NOTICE_MS + 1_500)
    const times = troubles.flatMap(({ fromMs, toMs }) => [fromMs, toMs])
    expect(times).toEqual([...times].sort((a, b) => a - b))
  },
)

test.each([
  ['slow-instance', [SLOW]],
  ['failing-instance', [FAILING]],
  ['lost-zone', COMMANDS],
] as const)('has nothing else wrong with the upstreams of a %s', (kind, commands) => {
  const { fromMs = NaN, toMs = NaN } = planTroubles(34).find((each) => each.kind === kind) ?? {}
  const isMeanwhile = (other: { readonly fromMs: number; readonly toMs: number }): boolean =>
    other.fromMs < toMs && other.toMs > fromMs

  const faults = planFaults(34).filter(({ command }) => commands.some((each) => each === command))
  const events = planEvents(34).filter(
    (event) =>
      (event.kind === 'out-of-service' && commands.some((each) => each === WITHDRAWN)) ||
      (event.kind === 'lost' && commands.some((each) => each === LOST)),
  )
  expect([...faults, ...events].filter(isMeanwhile)).toEqual([])
})
