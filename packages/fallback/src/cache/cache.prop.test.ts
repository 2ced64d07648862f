import { openRequestScope } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startRuns, turn } from '../load.model.js'
import { Model, PENDING, plan } from './cache-steps.model.js'
import type { Plan, Step } from './cache-steps.model.js'
import { RequestCache } from './request-cache.js'

class Run {
  readonly ends: unknown[] = []
  readonly keys: string[] = []
  readonly cache: RequestCache
  private readonly runs = startRuns()
  private readonly clock = new SimClock()
  private readonly controllers: AbortController[] = []

  constructor({ max, ttlMs }: Plan) {
    this.cache = new RequestCache({ scope: 'process', max, ttlMs, clock: this.clock })
    this.cache.on('miss', ({ key }) => this.keys.push(key as string))
  }

  get signals(): boolean[] {
    return this.runs.calls.map(({ signal }) => signal.aborted)
  }

  async step(step: Step): Promise<void> {
    if (step.kind === 'load') this.load(step.key)
    else if (step.kind === 'advance') await this.clock.advance(step.ms)
    else if (step.kind === 'clear') this.clear(step.key)
    else if (step.kind === 'abort') this.controllers[step.index]?.abort('bye')
    else if (step.kind === 'end') await this.runs.answer(step.index, `v${step.index}`)
    else this.runs.fail(step.index, `e${step.index}`)
    await turn()
  }

  private load(key: string): void {
    const controller = new AbortController()
    const index = this.controllers.push(controller) - 1
    this.ends.push(PENDING)
    const settle = (end: unknown): void => {
      expect(this.ends[index]).toBe(PENDING)
      this.ends[index] = end
    }
    void this.cache.load(key, this.runs.work, { signal: controller.signal }).then(settle, settle)
  }

  private clear(key: string | undefined): void {
    if (key === undefined) this.cache.clear()
    else this.cache.clear(key)
  }
}

describe('caches', () => {
  it('M1 M2: one run for each key at a time, good answers only, never more than allowed, whoever leaves and whatever is evicted or cleared', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (of) => {
        const model = new Model(of)
        const run = new Run(of)
        for (const step of of.steps) {
          model.step(step)
          await run.step(step)
          expect(run.cache.size).toBeLessThanOrEqual(of.max)
        }

        expect(run.ends).toEqual(model.ends)
        expect(run.keys).toEqual(model.runs.map(({ key }) => key))
        expect(run.cache.size).toBe(model.size)
        const abandoned = model.runs.map(({ loads }) => loads.every((load) => model.ends[load] === 'bye'))
        expect(run.signals).toEqual(abandoned)
      }),
      { numRuns: 1_000 },
    )
  }, 60_000)

  const inScope = fc.record({ scope: fc.nat(2), key: fc.constantFrom('a', 'b') })
  const step = fc.oneof(
    { weight: 4, arbitrary: inScope.map((load) => ({ kind: 'load' as const, ...load })) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('answer' as const), run: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), scope: fc.nat(2) }) },
  )

  it('M4: no answer leaves its request, or outlives it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const cache = new RequestCache()
        const runs = startRuns()
        const scopes = [0, 1, 2].map(() => openRequestScope())
        /** The scope of each run. */
        const owners: number[] = []
        const answers: Promise<void>[] = []
        for (const step of steps) {
          if (step.kind === 'answer') await runs.answer(step.run, owners[step.run])
          else if (step.kind === 'end') scopes[step.scope]?.end()
          else {
            const { scope, key } = step
            const isEnded = scopes[scope]?.isEnded
            const before = runs.calls.length
            const answer = scopes[scope]?.run(() => cache.load(key, runs.work))
            if (runs.calls.length > before) owners.push(scope)
            answers.push(
              Promise.resolve(answer).then(
                (owner) => expect([owner, isEnded]).toEqual([scope, false]),
                (error: unknown) => expect([error, isEnded]).toMatchObject([{ reason: 'ended' }, true]),
              ),
            )
          }
          for (const scope of scopes) {
            const size = scope.run(() => cache.size)
            expect(scope.isEnded ? size : 0).toBe(0)
          }
        }
        for (const [run, owner] of owners.entries()) await runs.answer(run, owner)
        await Promise.all(answers)

        expect(cache.size).toBe(0)
      }),
      { numRuns: 500 },
    )
  }, 60_000)
})
