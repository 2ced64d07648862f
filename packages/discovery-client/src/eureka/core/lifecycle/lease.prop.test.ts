import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INTERVAL_MS, LeaseWorld } from './lease.model.js'

const step = fc.oneof(
  fc.record({ kind: fc.constant('wait' as const), ms: fc.oneof(fc.nat(100), fc.nat(60_000)) }),
  fc.record({ kind: fc.constant('change' as const) }),
  fc.record({ kind: fc.constant('forget' as const) }),
  fc.record({ kind: fc.constant('server' as const), is: fc.constantFrom('up', 'down', 'refusing') }),
  fc.record({ kind: fc.constant('latency' as const), ms: fc.constantFrom(0, 10, 5_000, 40_000) }),
  fc.record({ kind: fc.constant('wall' as const), ms: fc.integer({ min: -3_600_000, max: 3_600_000 }) }),
  fc.record({ kind: fc.constantFrom('stop' as const, 'start' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

function act(world: LeaseWorld, at: Step): void {
  switch (at.kind) {
    case 'wait':
      for (let left = at.ms; left > 0; left -= 500) {
        world.advance(Math.min(left, 500))
        expect(world.inFlight('register')).toBeLessThanOrEqual(1)
        expect(world.inFlight('heartbeat')).toBeLessThanOrEqual(1)
      }
      return
    case 'change':
      return world.tell({ kind: 'changed' })
    case 'forget':
      world.registered = undefined
      return
    case 'server':
      world.server = at.is
      return
    case 'latency':
      world.latencyMs = at.ms
      return
    case 'wall':
      world.wallOffset += at.ms
      return
    case 'stop':
      return world.tell({ kind: 'stop', deregister: true })
    case 'start':
      // The shell waits for the end of `stop()` before it starts again.
      if (world.inFlight('cancel') === 0) world.tell({ kind: 'start' })
  }
}

describe('a lease', () => {
  it('E8 E9: never two of a kind in the air, stamps only grow, and in the end the server has the last state', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const world = new LeaseWorld()
        world.tell({ kind: 'start' })
        for (const at of steps) act(world, at)
        world.latencyMs = 10
        world.server = 'up'
        world.advance(45_000)
        world.tell({ kind: 'start' })
        // Bad data waits for ten intervals.
        world.advance(13 * INTERVAL_MS)

        expect(world.isSettled).toBe(true)
        const stamps = world.sent.filter(({ kind }) => kind === 'register').map(({ stamp }) => stamp)
        expect(stamps).toEqual([...stamps].sort((a, b) => a - b))
      }),
      { numRuns: 300 },
    )
  }, 60_000)

  it('E11: after stop there is at most one request, the cancellation, and the server forgets', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const world = new LeaseWorld()
        world.tell({ kind: 'start' })
        for (const at of steps) act(world, at)
        const before = world.sent.length
        const wasRunning = world.state.stage === 'running'
        world.tell({ kind: 'stop', deregister: true })
        world.advance(20 * INTERVAL_MS)

        const after = world.sent.slice(before).map(({ kind }) => kind)
        expect(['', 'cancel']).toContain(after.join())
        if (wasRunning) expect(after).toEqual(['cancel'])
        expect(world.state.stage).toBe('left')
      }),
      { numRuns: 300 },
    )
  }, 60_000)

  it('E10: a fleet that lost its server for a while asks at most three times as often as usual', () => {
    const fleet = Array.from({ length: 1_000 }, (_, seed) => new LeaseWorld(seed))
    fleet.forEach((world, index) => {
      world.advance(index * (INTERVAL_MS / fleet.length))
      world.tell({ kind: 'start' })
      world.advance(5 * INTERVAL_MS - world.now)
      world.server = 'down'
      world.registered = undefined
      world.advance(2 * INTERVAL_MS)
      world.server = 'up'
      world.advance(3 * INTERVAL_MS)
    })
    const from = 7 * INTERVAL_MS
    const seconds = Array.from({ length: 60 }, () => 0)
    for (const { at } of fleet.flatMap(({ sent }) => sent)) {
      const second = Math.floor((at - from) / 1_000)
      if (second >= 0 && second < 60) seconds[second] = (seconds[second] ?? 0) + 1
    }

    expect(Math.max(...seconds)).toBeLessThanOrEqual(3 * (fleet.length / (INTERVAL_MS / 1_000)))
    expect(fleet.every(({ isSettled }) => isSettled)).toBe(true)
  })
})
