/**
 * All interleavings of three callers around one slot and one place in the queue, microtask by microtask: A holds the
 * slot and ends, B waits and gives up, C comes late. What may come out is written down; nothing else does, and all of
 * it does.
 */
import { microtaskSteps } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { Bulkhead } from './bulkhead.js'

const GAPS = [0, 1, 2, 3, 4, 5, 6]
type Actor = 'A ends' | 'B gives up' | 'C comes'
const ORDERS: readonly (readonly [Actor, Actor, Actor])[] = [
  ['A ends', 'B gives up', 'C comes'],
  ['A ends', 'C comes', 'B gives up'],
  ['B gives up', 'A ends', 'C comes'],
  ['B gives up', 'C comes', 'A ends'],
  ['C comes', 'A ends', 'B gives up'],
  ['C comes', 'B gives up', 'A ends'],
]

async function play(order: readonly Actor[], gaps: readonly number[]): Promise<string> {
  const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1 } })
  const controller = new AbortController()
  const ran: string[] = []
  let endA: (() => void) | undefined
  const work = (name: string) => (): Promise<void> => {
    ran.push(name)
    return Promise.resolve()
  }
  const a = bulkhead.outcome(
    () =>
      new Promise<void>((resolve) => {
        endA = resolve
      }),
  )
  const b = bulkhead.outcome(work('B'), { signal: controller.signal })
  let c: ReturnType<Bulkhead['outcome']> | undefined
  const acts: Record<Actor, () => void> = {
    'A ends': () => endA?.(),
    'B gives up': () => controller.abort(),
    'C comes': () => {
      c = bulkhead.outcome(work('C'))
    },
  }
  for (const [index, actor] of order.entries()) {
    const gap = gaps[index] ?? 0
    // 0: in the same breath.
    if (gap > 0) await microtaskSteps(gap - 1)
    acts[actor]()
    expect(bulkhead.snapshot().running).toBeLessThanOrEqual(1)
  }
  const kinds = [(await a).kind, (await b).kind, (await c)?.kind]
  expect(bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
  expect(ran.filter((name) => name === 'B').length).toBeLessThanOrEqual(1)
  // Who gave up in time never ran; who was answered did.
  expect(ran.includes('B') || kinds[1] !== 'success').toBe(true)
  expect(ran.includes('C')).toBe(kinds[2] === 'success')
  return `B ${kinds[1]}${ran.includes('B') ? '' : ' unrun'}, C ${kinds[2]}`
}

describe('three callers around one slot', () => {
  it.each<[string, readonly Actor[], string[]]>([
    [
      'H2: B has the slot or gave up before, and C waits behind B or finds the queue taken by it',
      ORDERS[0] ?? [],
      ['B cancelled unrun, C success', 'B cancelled, C success', 'B success, C success'],
    ],
    [
      'H4: C never gets the slot before B, who was accepted first',
      ORDERS[1] ?? [],
      [
        'B cancelled unrun, C rejected',
        'B cancelled, C rejected',
        'B cancelled, C success',
        'B success, C rejected',
        'B success, C success',
      ],
    ],
    [
      'H5: B’s place is free at once, so C finds slot or place',
      ORDERS[2] ?? [],
      ['B cancelled unrun, C success'],
    ],
    ['H5: B’s place is free at once, so C gets it', ORDERS[3] ?? [], ['B cancelled unrun, C success']],
    [
      'H2: C finds the queue full, and B runs or gives up',
      ORDERS[4] ?? [],
      ['B cancelled unrun, C rejected', 'B cancelled, C rejected', 'B success, C rejected'],
    ],
    ['C finds the queue full, and B gives up', ORDERS[5] ?? [], ['B cancelled unrun, C rejected']],
  ])('%s', async (_name, order, allowed) => {
    const seen = new Set<string>()
    for (const first of GAPS)
      for (const second of GAPS) for (const third of GAPS) seen.add(await play(order, [first, second, third]))

    expect([...seen].sort()).toEqual(allowed)
  })
})
