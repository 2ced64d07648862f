/**
 * The breaker scenarios as Hystrix played them. What is expected was recorded from the real 1.5.18 and 1.5.13; for the
 * line `hystrix` it is what was meant to be instead. Probes say
 * open, total, errors, percent; a call that ends in the moment of a bucket's end may be in either of the two there, and
 * is where exact time puts it here.
 */
import { describe, expect, it } from 'vitest'
import type { Compat } from './core/line.js'
import { BAD_REQUEST, FAILS, HystrixScene, OPEN } from './hystrix-scene.model.js'
import type { Probe, SceneOptions, Step } from './hystrix-scene.model.js'

interface Expected {
  readonly refused: readonly string[]
  readonly probes?: Readonly<Record<number, Probe>>
}

interface Scenario {
  readonly title: string
  readonly with?: Omit<SceneOptions, 'compat'>
  readonly steps: readonly Step[]
  readonly classic: Expected
  readonly triState: Expected
  /** Of the line `hystrix`, where it is not as 1.5.13. */
  readonly leased?: Expected
}

function both(refused: readonly string[], probes?: Readonly<Record<number, Probe>>) {
  const expected: Expected = probes === undefined ? { refused } : { refused, probes }
  return { classic: expected, triState: expected }
}

const SCENARIOS: readonly Scenario[] = [
  {
    title: 'S13: sees failures only when their bucket is closed, and counts nobody whom it refuses',
    steps: [
      { at: 0, call: 'f', repeat: 4, ...FAILS },
      { at: 40, probe: true },
      { at: 50, call: 'early' },
      { at: 260, call: 'sc' },
      { at: 270, call: 'scnofb' },
      { at: 280, probe: true },
    ],
    ...both(['sc', 'scnofb'], { 40: [false, 0, 0, 0], 280: [true, 5, 4, 80] }),
  },
  {
    title: 'S14: stays closed below its volume',
    steps: [
      { at: 0, call: 'f', repeat: 3, ...FAILS },
      { at: 260, call: 'n1' },
      { at: 280, probe: true },
    ],
    ...both([], { 280: [false, 3, 3, 100] }),
  },
  {
    title: 'S15: opens at exactly its volume and percentage',
    steps: [
      { at: 0, call: 'f', repeat: 2, ...FAILS },
      { at: 10, call: 's', repeat: 2 },
      { at: 260, call: 'n1' },
    ],
    ...both(['n1']),
  },
  {
    title: 'S16: cuts two thirds off to 66 %',
    with: { volume: 3, percent: 67 },
    steps: [
      { at: 0, call: 'f', repeat: 2, ...FAILS },
      { at: 10, call: 's' },
      { at: 260, call: 'n1' },
    ],
    ...both([]),
  },
  {
    title: 'S17: closes with the first good trial, which the new window counts',
    steps: [
      ...OPEN,
      { at: 900, call: 'trial', afterMs: 50 },
      { at: 1_000, probe: true },
      { at: 1_010, call: 'after' },
      { at: 1_200, probe: true },
    ],
    ...both(['early'], { 1_000: [false, 1, 0, 0], 1_200: [false, 2, 0, 0] }),
  },
  {
    title: 'S18: waits for another sleep window after a failed trial',
    steps: [
      ...OPEN,
      { at: 900, call: 'trial', ...FAILS },
      { at: 1_100, call: 'sc2' },
      { at: 1_550, call: 'trial2' },
      { at: 1_650, call: 'after' },
    ],
    ...both(['early', 'sc2']),
  },
  {
    title: 'S19: closes after a slow trial, unless a refused call has taken it its say',
    steps: [
      ...OPEN,
      { at: 900, call: 'trial', afterMs: 300 },
      { at: 1_000, call: 'during' },
      { at: 1_300, probe: true },
      { at: 1_310, call: 'after' },
    ],
    classic: { refused: ['early', 'during'], probes: { 1_300: [false, 1, 0, 0] } },
    triState: { refused: ['early', 'during', 'after'], probes: { 1_300: [true, 5, 4, 80] } },
    leased: { refused: ['early', 'during'], probes: { 1_300: [false, 1, 0, 0] } },
  },
  {
    title: 'S20: has another trial after another sleep window, unless a trial is a state',
    steps: [
      ...OPEN,
      { at: 900, call: 'trial', afterMs: 900 },
      { at: 1_600, call: 'second' },
      { at: 1_900, probe: true },
    ],
    classic: { refused: ['early'], probes: { 1_900: [false, 2, 0, 0] } },
    triState: { refused: ['early', 'second'], probes: { 1_900: [true, 5, 4, 80] } },
    leased: { refused: ['early', 'second'], probes: { 1_900: [false, 1, 0, 0] } },
  },
  {
    title: 'S21: loses the trial to a bad request, for a sleep window',
    steps: [
      ...OPEN,
      { at: 900, call: 'trial', error: BAD_REQUEST },
      { at: 1_000, call: 'n1' },
      { at: 1_100, probe: true },
      { at: 1_600, call: 'n2' },
    ],
    ...both(['early', 'n1'], { 1_100: [true, 4, 4, 100] }),
    leased: { refused: ['early'], probes: { 1_100: [false, 1, 0, 0] } },
  },
  {
    title: 'S22: loses the trial to a cancelled call, for a sleep window',
    steps: [
      ...OPEN,
      { at: 900, call: 'trial', afterMs: 300, cancelAt: 1_000 },
      { at: 1_100, call: 'n1' },
      { at: 1_700, call: 'n2' },
    ],
    ...both(['early', 'n1']),
    leased: { refused: ['early'] },
  },
  {
    title: 'S23: closes by a late success of a call from before, unless a trial is a state',
    steps: [
      { at: 0, call: 'slow', afterMs: 445 },
      { at: 10, call: 'f', repeat: 4, ...FAILS },
      { at: 260, call: 'sc1' },
      { at: 550, call: 'sc2' },
      { at: 560, probe: true },
    ],
    classic: { refused: ['sc1'], probes: { 560: [false, 1, 0, 0] } },
    triState: { refused: ['sc1', 'sc2'], probes: { 560: [true, 5, 4, 80] } },
  },
  {
    title: 'S24: tells what is forced or what stands underneath, which goes on moving',
    steps: [
      { at: 0, call: 'ok' },
      { at: 50, act: (breaker) => breaker.forceOpen() },
      { at: 60, call: 'fo' },
      { at: 70, probe: true },
      { at: 80, act: (breaker) => breaker.release() },
      { at: 90, act: (breaker) => breaker.forceClosed() },
      { at: 100, call: 'f', repeat: 6, ...FAILS },
      { at: 400, call: 'fc', ...FAILS },
      { at: 420, probe: true },
      { at: 430, act: (breaker) => breaker.release() },
      { at: 440, call: 'aft' },
      { at: 450, probe: true },
    ],
    classic: {
      refused: ['fo', 'aft'],
      probes: { 70: [false, 0, 0, 0], 420: [true, 8, 7, 87], 450: [true, 8, 7, 87] },
    },
    triState: {
      refused: ['fo', 'aft'],
      probes: { 70: [true, 0, 0, 0], 420: [false, 8, 7, 87], 450: [true, 8, 7, 87] },
    },
  },
  {
    title: 'S25: lets everything through when it is disabled, while health goes on counting',
    steps: [
      { at: 0, act: (breaker) => breaker.disable() },
      { at: 0, call: 'f', repeat: 6, ...FAILS },
      { at: 300, call: 'x' },
      { at: 410, probe: true },
    ],
    ...both([], { 410: [false, 7, 6, 85] }),
  },
  {
    title: 'S41: counts a call from the end of its bucket on, for the window',
    with: { volume: 100, windowMs: 1_000 },
    steps: [
      { at: 0, call: 'f', repeat: 3, ...FAILS },
      ...[60, 104, 105, 250, 900, 1_104, 1_105, 1_350].map((at): Step => ({ at, probe: true })),
    ],
    ...both([], {
      60: [false, 0, 0, 0],
      104: [false, 0, 0, 0],
      105: [false, 3, 3, 100],
      250: [false, 3, 3, 100],
      900: [false, 3, 3, 100],
      1_104: [false, 3, 3, 100],
      1_105: [false, 0, 0, 0],
      1_350: [false, 0, 0, 0],
    }),
  },
  {
    title: 'S45: closes by a late success while the trial runs',
    with: { timeoutMs: 1_500 },
    steps: [
      { at: 0, call: 'slow', afterMs: 995 },
      { at: 10, call: 'f', repeat: 4, ...FAILS },
      { at: 260, call: 'sc1' },
      { at: 900, call: 'trial', afterMs: 600, ...FAILS },
      { at: 1_150, probe: true },
      { at: 1_160, call: 'n1' },
      { at: 1_600, probe: true },
    ],
    ...both(['sc1'], { 1_150: [false, 1, 0, 0], 1_600: [false, 3, 1, 33] }),
    leased: { refused: ['sc1', 'n1'], probes: { 1_150: [true, 5, 4, 80], 1_600: [true, 6, 5, 83] } },
  },
  {
    title: 'S46: opens again by a late failure while the trial runs, where a trial is a state',
    with: { timeoutMs: 1_500 },
    steps: [
      { at: 0, call: 'slow', afterMs: 995, ...FAILS },
      { at: 10, call: 'f', repeat: 4, ...FAILS },
      { at: 260, call: 'sc1' },
      { at: 900, call: 'trial', afterMs: 300 },
      { at: 1_300, probe: true },
      { at: 1_310, call: 'n1' },
      { at: 1_750, call: 'n2' },
    ],
    classic: { refused: ['sc1'], probes: { 1_300: [false, 1, 0, 0] } },
    triState: { refused: ['sc1', 'n1'], probes: { 1_300: [true, 6, 5, 83] } },
    leased: { refused: ['sc1'], probes: { 1_300: [false, 1, 0, 0] } },
  },
]

const LINES: readonly (readonly [Compat, 'classic' | 'triState'])[] = [
  ['hystrix-1.5.18', 'classic'],
  ['hystrix-1.5.13', 'triState'],
]

describe.each(LINES)('a breaker like that of %s', (compat, line) => {
  it.each(SCENARIOS)('$title', async ({ with: options, steps, [line]: expected }) => {
    await playAndExpect({ compat, ...options }, steps, expected)
  })
})

describe('a breaker whose trial is leased', () => {
  it.each(SCENARIOS)('$title', async ({ with: options, steps, triState, leased = triState }) => {
    await playAndExpect({ compat: 'hystrix', ...options }, steps, leased)
  })
})

async function playAndExpect(options: SceneOptions, steps: readonly Step[], expected: Expected) {
  const scene = new HystrixScene(options)
  await scene.play(steps)

  expect(scene.refused).toEqual(expected.refused)
  expect(scene.probes).toEqual(expected.probes ?? {})
}
