import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fleet, lab } from './balancing.model.js'

const step = fc.oneof(
  fc.record({ kind: fc.constant('call' as const), budgetMs: fc.option(fc.integer({ min: 1, max: 30 })) }),
  fc.record({ kind: fc.constant('end' as const), which: fc.nat(20), fails: fc.boolean() }),
  fc.record({ kind: fc.constant('abort' as const), which: fc.nat(20) }),
  fc.record({ kind: fc.constant('list' as const), count: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ kind: fc.constant('pick' as const) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 20 }) }),
)

test('P5: whoever waits is served or told, whatever ends, and no slot is lost or given twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.constantFrom('fifo' as const, 'lifo' as const),
      async (steps, order) => {
        const limit = { initial: 2, max: 2, queue: { limit: 4, maxWaitMs: 25, order } }
        const { balancer, clock, source } = lab(fleet(2), { limit })
        const running: { end: (fails: boolean) => void }[] = []
        const callers: AbortController[] = []
        const answers: Promise<unknown>[] = []
        const call = (budgetMs: number | null): void => {
          const caller = new AbortController()
          callers.push(caller)
          const work = (): Promise<void> =>
            new Promise((resolve, reject) => {
              running.push({
                end: (fails) => {
                  if (fails) reject(new Error('failed'))
                  else resolve()
                },
              })
            })
          const options = { signal: caller.signal, ...(budgetMs === null ? {} : { budgetMs }) }
          answers.push(balancer.execute(work, options).catch(() => {}))
        }
        for (const given of steps) {
          if (given.kind === 'call') call(given.budgetMs)
          else if (given.kind === 'end') running[given.which]?.end(given.fails)
          else if (given.kind === 'abort') callers[given.which]?.abort()
          else if (given.kind === 'list') source.publish(fleet(given.count))
          else if (given.kind === 'wait') await clock.advance(given.ms)
          else {
            try {
              balancer.pick().done('ignored')
            } catch {
              // Nobody there, or nobody with room.
            }
          }
          await clock.flush()
          const { instances, waiting } = balancer.snapshot()
          for (const { inFlight } of instances) expect(inFlight).toBeLessThanOrEqual(2)
          expect(waiting).toBeLessThanOrEqual(4)
          if (waiting > 0) expect(instances.every(({ full }) => full)).toBe(true)
        }
        await clock.advance(25)
        for (const { end } of running) end(false)
        await clock.advance(25)
        for (const { end } of running) end(false)
        await clock.flush()
        await Promise.all(answers)

        expect(balancer.snapshot()).toMatchObject({ inFlight: 0, waiting: 0 })
      },
    ),
    { numRuns: 150 },
  )
})
