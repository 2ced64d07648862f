import { SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bulkhead } from './bulkhead.js'
import { BulkheadModel, TestedCall } from './bulkhead.model.js'
import type { Ending, Work } from './bulkhead.model.js'

type Step =
  | { readonly do: 'call'; readonly work: 'held' | 'now' | 'throw' | 'thenable'; readonly priority: number }
  | { readonly do: 'end'; readonly whom: number; readonly how: Ending }
  | { readonly do: 'abort'; readonly whom: number }
  | { readonly do: 'update'; readonly limit: number; readonly queueLimit: number }
  | { readonly do: 'advance'; readonly ms: number }

const call = fc.record({
  do: fc.constant('call' as const),
  work: fc.constantFrom(
    'held' as const,
    'held' as const,
    'now' as const,
    'throw' as const,
    'thenable' as const,
  ),
  priority: fc.constantFrom(0, 0, 0, 1),
})
const end = fc.record({
  do: fc.constant('end' as const),
  whom: fc.nat(20),
  how: fc.constantFrom<Ending>('answer', 'fail'),
})
const abort = fc.record({ do: fc.constant('abort' as const), whom: fc.nat(20) })
const update = fc.record({
  do: fc.constant('update' as const),
  limit: fc.integer({ min: 1, max: 4 }),
  queueLimit: fc.nat(4),
})
const advance = fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(0, 1, 49, 50, 51, 200) })

const setup = fc.record({
  limit: fc.integer({ min: 1, max: 3 }),
  queueLimit: fc.nat(4),
  order: fc.constantFrom('fifo' as const, 'lifo' as const),
  maxWaitMs: fc.constantFrom(undefined, 50),
  releaseOnTimeout: fc.boolean(),
})

interface World {
  readonly clock: SimClock
  readonly bulkhead: Bulkhead
  readonly calls: TestedCall[]
}

function makeWorld(given: typeof setup extends fc.Arbitrary<infer S> ? S : never): World {
  const { limit, queueLimit, order, maxWaitMs, releaseOnTimeout } = given
  const clock = new SimClock()
  const calls: TestedCall[] = []
  const priority = (): number => calls.at(-1)?.priority ?? 0
  const queue = { limit: queueLimit, order, maxWaitMs }
  return { clock, bulkhead: new Bulkhead({ limit, queue, priority, releaseOnTimeout, clock }), calls }
}

describe('a bulkhead, compared with lists', () => {
  it('H1 H2 H3 H4 H5 H6 H7: after any operations runs, keeps and refuses the same calls', async () => {
    await fc.assert(
      fc.asyncProperty(
        setup,
        fc.array(
          fc.oneof(
            { weight: 6, arbitrary: call },
            { weight: 4, arbitrary: end },
            { weight: 2, arbitrary: abort },
            { weight: 1, arbitrary: update },
            { weight: 2, arbitrary: advance },
          ),
          { maxLength: 40, size: 'max' },
        ),
        async (given, steps: Step[]) => {
          const { clock, bulkhead, calls } = makeWorld(given)
          const model = new BulkheadModel(given)
          for (const step of steps) {
            if (step.do === 'call') {
              const next = new TestedCall(calls.length, step.priority, step.work)
              calls.push(next)
              next.start(bulkhead)
              model.call(next.id, step, clock.now())
            } else if (step.do === 'update') {
              bulkhead.update({
                limit: step.limit,
                queue: { limit: step.queueLimit, order: given.order, maxWaitMs: given.maxWaitMs },
              })
              model.update(step.limit, step.queueLimit)
            } else if (step.do === 'advance') {
              await clock.advance(step.ms)
              model.advance(clock.now())
            } else {
              const whom = calls[step.whom % calls.length]
              if (step.do === 'end') whom?.end(step.how)
              else whom?.abort()
              if (whom !== undefined && step.do === 'end') model.end(whom.id, step.how)
              else if (whom !== undefined) model.abort(whom.id)
            }
            await clock.flush()
            const { running, queued } = bulkhead.snapshot()
            expect({ running, queued }).toEqual({ running: model.slotsTaken, queued: model.waiting.length })
            expect(calls.map(({ started, result }) => ({ started, result }))).toEqual(model.calls)
          }
        },
      ),
      { numRuns: 300 },
    )
  }, 60_000)
})

describe('a bulkhead, microtask by microtask', () => {
  const steps = fc.array(
    fc.tuple(
      // Microtasks since the step before.
      fc.nat(6),
      fc.oneof(
        { weight: 4, arbitrary: call },
        { weight: 4, arbitrary: end },
        { weight: 1, arbitrary: abort },
        { weight: 1, arbitrary: update },
      ),
    ),
    { minLength: 3, maxLength: 16, size: 'max' },
  )

  /** Where the user's code makes further calls. */
  const reentry = fc.constantFrom('nowhere', 'work', 'then', 'priority', 'rejected listener')

  it('H1 H2 H3 H7: who was accepted runs in turn, whenever and wherever from others arrive; limits hold at each microtask', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 1, max: 2 }),
        fc.tuple(reentry, steps),
        async (firstLimit, firstQueueLimit, [reenters, list]) => {
          let [limit, queueLimit] = [firstLimit, firstQueueLimit]
          // Of a limit that was lowered, until those who run or wait beyond it have gone.
          let [mostRunning, mostQueued] = [limit, queueLimit]
          const clock = new SimClock()
          const calls: TestedCall[] = []
          const accepted: TestedCall[] = []
          const startedInOrder: TestedCall[] = []
          const waited = new Set<TestedCall>()
          let left = 3
          const mayReenter = (from: typeof reenters): void => {
            if (from === reenters && left-- > 0) arrive('held')
          }
          const priority = (): number => (mayReenter('priority'), 0)
          const bulkhead = new Bulkhead({ limit, queue: { limit: firstQueueLimit }, priority, clock })
          bulkhead.on('rejected', () => mayReenter('rejected listener'))
          /** How many were refused, by the bulkhead and by our books. */
          const refusals = (): number => Object.values(bulkhead.snapshot().rejections).reduce((a, b) => a + b)
          let refused = 0
          const arrive = (work: Work): void => {
            const next: TestedCall = new TestedCall(calls.length, 0, work, (event) => {
              if (event === 'work') startedInOrder.push(next)
              if (event === 'work' && !accepted.includes(next)) accepted.push(next)
              mayReenter(event)
            })
            calls.push(next)
            next.start(bulkhead)
            // Others may have come and been refused meanwhile.
            if (refusals() > refused) refused++
            else if (!next.started) {
              accepted.push(next)
              waited.add(next)
            }
          }
          // Called very often: an expectation each time would take most of the run.
          const check = (): void => {
            const { running, queued } = bulkhead.snapshot()
            const isWithinLimits = running <= mostRunning && queued <= mostQueued
            mostRunning = Math.max(limit, running)
            mostQueued = Math.max(queueLimit, queued)
            const isCounted = calls.filter(({ isRunning }) => isRunning).length <= running
            const isIdle = queued > 0 && running < limit
            const isBroken = accepted.some(({ result }) => result === 'full')
            if (isWithinLimits && isCounted && !isIdle && !isBroken) return
            expect.unreachable(JSON.stringify({ running, queued, isCounted, isIdle, isBroken }))
          }
          for (const [microtasks, step] of list) {
            for (let waited = 0; waited < microtasks; waited++) {
              await Promise.resolve()
              check()
            }
            if (step.do === 'call') arrive(step.work)
            else if (step.do === 'update') {
              ;({ limit, queueLimit } = step)
              mostRunning = Math.max(limit, mostRunning)
              mostQueued = Math.max(queueLimit, mostQueued)
              bulkhead.update({ limit, queue: { limit: queueLimit } })
            } else {
              const whom = calls[step.whom % calls.length]
              if (step.do === 'end') whom?.end(step.how)
              else whom?.abort()
            }
            check()
          }
          do {
            for (const one of calls) one.end('answer')
            await clock.flush()
            check()
          } while (calls.some(({ isRunning }) => isRunning))
          expect(bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
          // Nobody is left: each either ran to its end, gave up, or had been refused when it came.
          expect(calls.filter(({ result }) => result === undefined)).toEqual([])
          expect(accepted.filter(({ result, started }) => !started && result !== 'aborted')).toEqual([])
          const ids = (of: readonly TestedCall[]): number[] => of.map(({ id }) => id)
          // While a higher limit starts all who waited, one whom the first of them calls may begin before the last.
          const isInTurn = (one: TestedCall): boolean =>
            waited.has(one) || list.every(([, { do: what }]) => what !== 'update')
          expect(ids(startedInOrder.filter(isInTurn))).toEqual(
            ids(accepted.filter((one) => one.started && isInTurn(one))),
          )
        },
      ),
      { numRuns: 1_000 },
    )
  }, 60_000)
})
