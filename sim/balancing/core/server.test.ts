import { expect, test } from 'vitest'
import { EventQueue } from './event-queue.ts'
import { ElasticServer, linear, SlotServer } from './server.ts'
import type { Answer, Job, Server } from './server.ts'

/** A job that writes down when it was answered, and what. */
function jobFor(queue: EventQueue, demandMs: number, log: [number, Answer][]): Job {
  const job: Job = {
    demandMs,
    endpoint: 0,
    server: undefined,
    pausedMs: 0,
    fire: () => job.server?.due(job),
    answer: (answer) => {
      log.push([queue.now, answer])
    },
  }
  return job
}

function lab(make: (queue: EventQueue) => Server): {
  queue: EventQueue
  log: [number, Answer][]
  send: (ms: number) => void
} {
  const queue = new EventQueue()
  const server = make(queue)
  const log: [number, Answer][] = []
  return {
    queue,
    log,
    send: (ms) => {
      server.accept(jobFor(queue, ms, log))
    },
  }
}

test('events of one time fire in the order in which they were planned', () => {
  const queue = new EventQueue()
  const order: number[] = []
  for (const [index, at] of [5, 1, 5, 1, 3].entries()) queue.at(at, () => order.push(index))
  queue.runUntil(5)

  expect(order).toEqual([1, 3, 4, 0, 2])
  expect(queue.now).toBe(5)
})

test('two slots take two jobs at once, and the third waits in line', () => {
  const { queue, log, send } = lab((time) => new SlotServer(time, 2))
  send(10)
  send(30)
  send(10)
  queue.runUntil(100)

  expect(log).toEqual([
    [10, 'ok'],
    [20, 'ok'],
    [30, 'ok'],
  ])
})

test('a pause moves the end of all work under way, and of what comes meanwhile', () => {
  let server: SlotServer | undefined
  const { queue, log, send } = lab((time) => (server = new SlotServer(time, 2)))
  send(10)
  queue.at(5, () => server?.pause(100))
  queue.at(50, () => {
    send(10)
  })
  queue.runUntil(500)

  expect(log).toEqual([
    [110, 'ok'],
    [115, 'ok'],
  ])
})

test('who breaks fails what waits in line; a hole swallows it', () => {
  const broken: [number, Answer][][] = (['fail', 'hole'] as const).map((mode) => {
    let server: SlotServer | undefined
    const { queue, log, send } = lab((time) => (server = new SlotServer(time, 1)))
    send(10)
    send(10)
    queue.at(5, () => server?.become(mode))
    queue.runUntil(100)
    return log
  })

  expect(broken).toEqual([
    [
      [6, 'failure'],
      [10, 'failure'],
    ],
    [],
  ])
})

test('an elastic server gets slower with load, and dies above its capacity', () => {
  const durations = [1, 30, 60, 61].map(linear(60, 60))
  const { queue, log, send } = lab(
    (time) =>
      new ElasticServer(time, () => ({
        durationMs: linear(60, 2),
        answer: (inFlight) => (inFlight > 1 ? 'refusal' : 'ok'),
      })),
  )
  send(0)
  send(0)
  queue.runUntil(1_000)

  expect(durations).toEqual([61, 90, 120, 300])
  expect(log).toEqual([
    [90, 'refusal'],
    [120, 'ok'],
  ])
})
