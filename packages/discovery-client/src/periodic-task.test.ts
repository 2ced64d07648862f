import { onInternalError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, onTestFinished, test } from 'vitest'
import { PeriodicTask } from './periodic-task.js'

/** A task whose runs take `tookMs` each and come back every 100 ms. */
function setup(tookMs: number): {
  clock: SimClock
  task: PeriodicTask
  starts: number[]
  peak: () => number
} {
  const clock = new SimClock()
  const starts: number[] = []
  let running = 0
  let peak = 0
  const task = new PeriodicTask('test', clock, async () => {
    starts.push(clock.now())
    running++
    peak = Math.max(peak, running)
    await new Promise<void>((resolve) => void clock.io(clock.now() + tookMs, resolve))
    running--
    return 100
  })
  return { clock, task, starts, peak: () => peak }
}

describe('a periodic task', () => {
  test('runs again when the wait after its last run is over', async () => {
    const { clock, task, starts } = setup(10)

    task.start(50)
    await clock.advance(300)

    expect(starts).toEqual([50, 160, 270])
  })

  test('never overlaps itself, however long a run takes', async () => {
    const { clock, task, starts, peak } = setup(1_000)
    task.start(0)
    await clock.advance(500)

    void task.runNow()
    void task.runNow()
    await clock.advance(2_000)

    expect(peak()).toBe(1)
    expect(starts).toEqual([0, 1_000, 2_100])
  })

  test('belongs to no request, whoever asks for a run', async () => {
    const request = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    const clock = new SimClock()
    const task = new PeriodicTask('test', clock, () => Promise.resolve(seen.push(request.getStore())))

    request.run('of a request', () => {
      task.start(50)
    })
    await request.run('of another', () => task.runNow())
    await clock.advance(1)

    expect(seen).toEqual([undefined, undefined])
    await task.stop()
  })

  test('makes up for a stalled loop with one run, not with all that were missed', async () => {
    const { clock, task, starts } = setup(0)
    task.start(0)
    await clock.advance(0)

    clock.stall(10_000)
    await clock.advance(100)

    expect(starts).toEqual([0, 10_000, 10_100])
  })

  test('runs at once when asked, in the place of the next run', async () => {
    const { clock, task, starts } = setup(0)
    task.start(100)
    await clock.advance(30)

    const done = task.runNow()
    await clock.flush()
    await done
    await clock.advance(100)

    expect(starts).toEqual([30, 130])
  })

  test('keeps no process alive, and is over when stopped', async () => {
    const { clock, task, starts } = setup(40)
    task.start(10)
    expect(clock.pending).toMatchObject({ timers: 0, background: 1 })
    await clock.advance(20)

    const stopped = task.stop()
    void task.runNow()
    await clock.advance(1_000)
    await stopped

    expect(starts).toEqual([10])
    expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
  })

  test('goes on after a defect, which is reported', async () => {
    const clock = new SimClock()
    const reports: unknown[] = []
    onTestFinished(onInternalError((error) => reports.push(error)))
    let runs = 0
    const task = new PeriodicTask('test', clock, () => {
      runs++
      return Promise.reject(new Error('defect'))
    })

    task.start(0)
    await clock.advance(60_000)

    expect(runs).toBe(3)
    expect(reports).toHaveLength(3)
  })
})
