import { describe, expect, it } from 'vitest'
import { INTERVAL_MS, LeaseWorld, started } from './lease.model.js'

describe('a lease', () => {
  it('begins with a registration, not with a heartbeat', () => {
    const world = started()

    expect(world.sent).toEqual([{ kind: 'register', at: 0, stamp: 1_000_000 }])
    world.advance(20)
    expect(world.isSettled).toBe(true)
  })

  it('E8: is renewed within a tenth of the interval', () => {
    const world = started()
    world.advance(100 * INTERVAL_MS)

    const beats = world.times('heartbeat')
    const periods = beats.slice(1).map((at, index) => at - (beats[index] ?? 0))

    expect(beats.length).toBeGreaterThan(90)
    expect(Math.min(...periods)).toBeGreaterThanOrEqual(0.9 * INTERVAL_MS)
    expect(Math.max(...periods)).toBeLessThanOrEqual(1.1 * INTERVAL_MS)
    expect(new Set(periods.map(Math.round)).size).toBeGreaterThan(50)
    expect(world.times('register')).toHaveLength(1)
  })

  it('E10: a heartbeat that fails is not repeated earlier than the next one is due', () => {
    const world = started()
    world.advance(INTERVAL_MS)
    world.server = 'down'
    world.advance(10 * INTERVAL_MS)

    const beats = world.times('heartbeat')
    const periods = beats.slice(1).map((at, index) => at - (beats[index] ?? 0))

    expect(world.state.failures).toBeGreaterThan(8)
    expect(Math.min(...periods)).toBeGreaterThanOrEqual(0.9 * INTERVAL_MS)
    expect(world.times('register')).toHaveLength(1)
  })

  it('E8: that the server has lost is registered again before the next heartbeat, with a new stamp', () => {
    const world = started()
    world.advance(INTERVAL_MS)
    world.registered = undefined
    world.advance(2 * INTERVAL_MS)

    expect(world.sent.map(({ kind }) => kind).join()).toMatch(/^register,(heartbeat,)+register(,heartbeat)+$/)
    expect(world.sent.findLast(({ kind }) => kind === 'register')?.stamp).toBeGreaterThan(1_000_000)
    expect(world.isSettled).toBe(true)
  })

  it('that is lost all the time is registered once a period', () => {
    const world = started()
    for (let second = 0; second < 600; second++) {
      world.advance(1_000)
      world.registered = undefined
    }

    expect(world.times('register').length).toBeLessThanOrEqual(600_000 / (0.9 * INTERVAL_MS) + 1)
  })

  it('sends two changes at once and the last of the others when there is a token again', () => {
    const world = started()
    world.advance(100)
    for (let change = 0; change < 10; change++) {
      world.tell({ kind: 'changed' })
      world.advance(100)
    }

    expect(world.times('register')).toEqual([0, 100, 200])
    world.advance(15_000)
    expect(world.times('register')).toHaveLength(4)
    expect(world.isSettled).toBe(true)
  })

  it('a change while a registration is in the air is sent after it', () => {
    const world = started()
    world.tell({ kind: 'changed' })

    expect(world.inFlight('register')).toBe(1)
    world.advance(30)
    expect(world.times('register')).toEqual([0, 10])
    expect(world.isSettled).toBe(true)
  })

  it('E9: the wall clock set back by an hour loses no change', () => {
    const world = started()
    world.advance(100)
    world.wallOffset -= 3_600_000
    world.tell({ kind: 'changed' })
    world.advance(100)

    expect(world.registered).toBe(1_000_001)
    expect(world.isSettled).toBe(true)
  })

  it('a registration that fails is tried again, more and more seldom, never later than an interval', () => {
    const world = new LeaseWorld()
    world.server = 'down'
    world.tell({ kind: 'start' })
    world.advance(10 * INTERVAL_MS)
    const waits = world.times('register').map((at, index, all) => at - (all[index - 1] ?? 0))
    world.server = 'up'
    world.advance(INTERVAL_MS)

    expect(waits[1]).toBeLessThanOrEqual(INTERVAL_MS / 4 + 10)
    expect(Math.max(...waits)).toBeLessThanOrEqual(INTERVAL_MS + 10)
    expect(world.isSettled).toBe(true)
  })

  it('a registration refused as bad data waits for ten intervals, or for a change', () => {
    const world = new LeaseWorld()
    world.server = 'refusing'
    world.tell({ kind: 'start' })
    world.advance(8 * INTERVAL_MS)

    expect(world.times('register')).toHaveLength(1)
    world.server = 'up'
    world.tell({ kind: 'changed' })
    world.advance(20)
    expect(world.isSettled).toBe(true)
  })

  it('a registration refused as bad data is sent anew at once when it has changed meanwhile', () => {
    const world = new LeaseWorld()
    world.server = 'refusing'
    world.tell({ kind: 'start' })
    world.tell({ kind: 'changed' })
    world.advance(INTERVAL_MS)

    expect(world.times('register')).toEqual([0, 10])
  })

  it('a heartbeat overtaken by a registration says nothing by its 404', () => {
    const world = started()
    world.latencyMs = 1_000
    world.advance(INTERVAL_MS * 1.2)
    while (world.inFlight('heartbeat') === 0) world.advance(100)
    world.registered = undefined
    // The server has answered 404, but the answer is still on its way when the registration comes and goes.
    world.advance(600)
    world.latencyMs = 10
    world.tell({ kind: 'changed' })
    world.advance(10_000)

    expect(world.times('register')).toHaveLength(2)
    expect(world.isSettled).toBe(true)
  })

  it('E11: stop cancels once, and nothing follows', () => {
    const world = started()
    world.advance(INTERVAL_MS)
    world.tell({ kind: 'stop', deregister: true })
    world.tell({ kind: 'stop', deregister: true })
    world.tell({ kind: 'changed' })
    const count = world.sent.length
    world.advance(10 * INTERVAL_MS)

    expect(world.times('cancel')).toHaveLength(1)
    expect([world.sent.length, world.registered]).toEqual([count, undefined])
  })

  it('E11: stop during a registration cancels after it has landed', () => {
    const world = started()
    world.tell({ kind: 'stop', deregister: true })

    expect(world.times('cancel')).toEqual([])
    world.advance(100)
    expect([world.times('cancel'), world.registered]).toEqual([[10], undefined])
  })

  it('can be left to run out, and be taken up again', () => {
    const world = started()
    world.advance(100)
    world.tell({ kind: 'stop', deregister: false })
    world.advance(INTERVAL_MS)
    expect([world.times('cancel'), world.registered]).toEqual([[], 1_000_000])

    world.tell({ kind: 'start' })
    world.advance(2 * INTERVAL_MS)
    expect(world.isSettled).toBe(true)
  })
})
