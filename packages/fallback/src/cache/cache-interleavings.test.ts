/**
 * One run, an answer, a caller who joins and one who leaves, each after so many microtasks: every order there is.
 */
import { microtaskSteps, SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { startRuns, turn } from '../load.model.js'
import { RequestCache } from './request-cache.js'

const DEPTHS = [0, 1, 2, 3, 4, 5, 6]
const ORDERS = DEPTHS.flatMap((joins) =>
  DEPTHS.flatMap((leaves) => DEPTHS.map((answers) => ({ joins, leaves, answers }))),
)

async function play({ joins, leaves, answers }: (typeof ORDERS)[number]): Promise<unknown> {
  const cache = new RequestCache({ scope: 'process', ttlMs: 1_000, clock: new SimClock() })
  const runs = startRuns()
  const controller = new AbortController()
  const first = cache.load('k', runs.work, { signal: controller.signal }).catch((error: unknown) => error)
  const second = microtaskSteps(joins).then(() => cache.load('k', runs.work))
  const steps = [
    microtaskSteps(leaves).then(() => controller.abort('bye')),
    microtaskSteps(answers).then(() => runs.answer(0, 'answer')),
  ]
  await Promise.all(steps)
  // The first may have left alone; then there is a run of the second's own.
  await runs.answer(1, 'answer')
  await turn()
  const [, own] = runs.calls
  return {
    first: await first,
    second: await second,
    isOwnAborted: own?.signal.aborted === true,
    runs: runs.calls.length,
    size: cache.size,
  }
}

describe('M1: in any order of joining, leaving and answering', () => {
  it('who joins gets the answer; the work is run again only when the one who left was alone', async () => {
    for (const order of ORDERS) {
      const end = (await play(order)) as { first: unknown; runs: number }

      expect(end, JSON.stringify(order)).toMatchObject({ second: 'answer', isOwnAborted: false, size: 1 })
      expect(['answer', 'bye'], JSON.stringify(order)).toContain(end.first)
      const wasAlone = order.leaves < order.joins && end.first === 'bye'
      expect(end.runs > 1 ? wasAlone : true, JSON.stringify(order)).toBe(true)
    }
  })
})
