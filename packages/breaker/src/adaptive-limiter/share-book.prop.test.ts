import { SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AdaptiveLimiter } from './adaptive-limiter.js'

type Kind = 'live' | 'batch' | 'other'

const LIMIT = 4
/** Rounded up from 4 slots; who is unknown has one. */
const SHARE: Readonly<Record<Kind, number>> = { live: 2, batch: 1, other: 1 }

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      kind: fc.constantFrom<Kind>('live', 'batch', 'other'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), whom: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), whom: fc.nat(30) }) },
)

interface Tested {
  readonly kind: Kind
  readonly controller: AbortController
  state: 'waiting' | 'running' | 'over'
  end: (() => void) | undefined
}

class World {
  readonly calls: Tested[] = []
  readonly clock = new SimClock()
  readonly limiter: AdaptiveLimiter
  private kind: Kind = 'live'

  constructor(queueLimit: number) {
    this.limiter = new AdaptiveLimiter({
      min: LIMIT,
      max: LIMIT,
      queue: { limit: queueLimit },
      releaseOnTimeout: true,
      partitions: { by: () => this.kind, percents: { live: 50, batch: 20 } },
      clock: this.clock,
    })
  }

  call(kind: Kind): Tested {
    this.kind = kind
    const call: Tested = { kind, controller: new AbortController(), state: 'waiting', end: undefined }
    this.calls.push(call)
    const work = (): Promise<void> =>
      new Promise((resolve) => {
        call.state = 'running'
        call.end = resolve
      })
    void this.limiter.outcome(work, { signal: call.controller.signal }).then(() => {
      call.state = 'over'
    })
    return call
  }

  of(state: Tested['state'], kind?: Kind): Tested[] {
    return this.calls.filter((call) => call.state === state && (kind === undefined || call.kind === kind))
  }
}

describe('slots with shares', () => {
  it('H1 H3 H4 H6: admit within the limit or the share, serve in order, and leave nobody waiting in vain', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40, size: 'max' }),
        fc.nat(4),
        async (steps, queueLimit) => {
          const world = new World(queueLimit)
          for (const next of steps) {
            if (next.do === 'call') {
              const running = world.of('running').length
              const ofKind = world.of('running', next.kind).length
              const call = world.call(next.kind)
              // Who may get in does so at once, and nobody else.
              const mayRun = running < LIMIT || ofKind < SHARE[next.kind]
              expect(call.state).toBe(mayRun ? 'running' : 'waiting')
            } else {
              const whom = world.calls[next.whom % world.calls.length]
              const waited = world.of('waiting')
              if (next.do === 'end') whom?.end?.()
              else whom?.controller.abort()
              await world.clock.advance(0)
              const served = waited.filter(({ state }) => state === 'running')
              // In order, among those of one kind.
              for (const { kind } of served) {
                const line = waited.filter((call) => call.kind === kind && call !== whom)
                expect(line[0]?.state).not.toBe('waiting')
              }
            }
            await world.clock.advance(0)
            check(world, queueLimit)
          }
          for (const { controller } of world.calls) controller.abort()
          await world.clock.advance(0)
          expect(world.limiter.snapshot()).toMatchObject({
            running: 0,
            queued: 0,
            partitions: { live: { running: 0 }, batch: { running: 0 } },
          })
        },
      ),
      { numRuns: 200 },
    )
  })
})

function check(world: World, queueLimit: number): void {
  const snapshot = world.limiter.snapshot()
  expect(snapshot.running).toBe(world.of('running').length)
  expect(snapshot.queued).toBe(world.of('waiting').length)
  expect(snapshot.queued).toBeLessThanOrEqual(queueLimit)
  expect(snapshot.partitions?.['live']?.running).toBe(world.of('running', 'live').length)
  for (const { kind } of world.of('waiting')) {
    expect(snapshot.running).toBeGreaterThanOrEqual(LIMIT)
    expect(world.of('running', kind).length).toBeGreaterThanOrEqual(SHARE[kind])
  }
}
