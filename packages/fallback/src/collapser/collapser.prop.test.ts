import { SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { turn } from '../load.model.js'
import { createCollapser } from './collapser.js'
import type { BatchAnswers, Collapser } from './collapser.js'
import { boom } from './collapser.model.js'
import { Model, modeOf, PENDING, plan } from './collapser-steps.model.js'
import type { Mode, Plan } from './collapser-steps.model.js'

interface Sent {
  readonly at: number
  readonly requests: readonly string[]
  readonly signal: AbortSignal
}

function answersOf(mode: Mode, requests: readonly string[]): BatchAnswers<string> {
  const values = requests.map((request) => `v:${request}`)
  const pairs = requests.map((request) => [request, `v:${request}`] as const)
  if (mode === 'too-short') return values.slice(1)
  if (mode === 'missing') return new Map(pairs.slice(1))
  if (mode === 'extra') return new Map([['x', 'nobody asked'], ...pairs])
  if (mode === 'repeated')
    return new Set([...pairs, ...requests.map((request) => [request, 'again'] as const)])
  if (mode === 'breaking-off') return breakingOff(pairs.slice(0, 1))
  return mode === 'map' ? new Map(pairs) : values
}

function* breakingOff<T>(some: readonly T[]): Generator<T> {
  yield* some
  throw boom
}

class Run {
  readonly clock = new SimClock()
  readonly sent: Sent[] = []
  readonly ends: unknown[] = []
  private readonly controllers: AbortController[] = []
  private readonly collapser: Collapser<string, string>

  constructor(private readonly of: Plan) {
    const { windowMs, maxSize } = of
    this.collapser = createCollapser<string, string>({
      scope: 'process',
      clock: this.clock,
      windowMs,
      maxSize,
      batch: (requests, { signal }) => this.answer(requests, signal),
    })
  }

  load(request: string): void {
    const controller = new AbortController()
    const index = this.controllers.push(controller) - 1
    this.ends.push(PENDING)
    const settle = (end: unknown): void => {
      expect(this.ends[index]).toBe(PENDING)
      this.ends[index] = end
    }
    void this.collapser.load(request, { signal: controller.signal }).then(settle, (error: unknown) => {
      settle(nameOf(error))
    })
  }

  abort(index: number): void {
    this.controllers[index]?.abort('bye')
  }

  private answer(requests: readonly string[], signal: AbortSignal): Promise<BatchAnswers<string>> {
    const { mode, takesMs } = modeOf(this.of, this.sent.length)
    this.sent.push({ at: this.clock.now(), requests, signal })
    if (mode === 'throwing') throw boom
    return new Promise((resolve, reject) => {
      if (mode === 'never') return
      this.clock.io(this.clock.now() + takesMs, () => {
        if (mode === 'rejecting') reject(boom)
        else resolve(answersOf(mode, requests))
      })
    })
  }
}

function nameOf(error: unknown): unknown {
  if (error === boom) return 'boom'
  return (error as { reason?: unknown }).reason ?? error
}

describe('collapsers', () => {
  it('C1 C2 C3 C4 C5: each load is in one batch and ends once, as its batch answered; batches are small, young, and end with their last caller', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (of) => {
        const model = new Model(of)
        const run = new Run(of)
        for (const step of of.steps) {
          if (step.kind === 'load') {
            model.load(step.request)
            run.load(step.request)
          } else if (step.kind === 'abort') {
            model.abort(step.load)
            run.abort(step.load)
          } else {
            model.advance(step.ms)
            await run.clock.advance(step.ms)
          }
          // An abort in the turn in which a batch throws would come before its news.
          await turn()
        }
        model.advance(1_000)
        await run.clock.advance(1_000)

        expect(run.ends).toEqual(model.loads.map(({ end }) => end))
        expect(run.sent.map(({ at, requests }) => [at, requests])).toEqual(
          model.sent.map(({ sentAt, requests }) => [sentAt, requests]),
        )
        expect(run.sent.map(({ signal }) => signal.aborted)).toEqual(
          model.sent.map(({ isAbandoned }) => isAbandoned),
        )
        expect(run.clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
      }),
      { numRuns: 1_000 },
    )
  }, 60_000)
})
