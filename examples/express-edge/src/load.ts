// The load generator: asks for pages at a steady rate, whether or not earlier ones were answered, and counts what comes
// back. The rate is reached in the first seconds, as in a service that is put into rotation: a cold one is slow.

import { Agent, get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { LoadOrder, Message } from './messages.ts'
import { LagMeter } from './lag-meter.ts'
import { dueAfterMs, plannedAfter } from './pace.ts'
import { PAGE_BUDGET_MS, TOLERANCE_MS } from './promises.ts'
import { TallyKeeper } from './tally.ts'

const TICK_MS = 5
const PROGRESS_EVERY_MS = 250
const MAX_IN_FLIGHT = 1_000
/** Who has not answered by then never will. */
const GIVE_UP_MS = 5_000

const tally = new TallyKeeper(PAGE_BUDGET_MS + TOLERANCE_MS)
const lag = new LagMeter(TICK_MS, performance.now())
// With a timeout, the agent heeds how long the server keeps idle connections, and uses none that is about to be closed.
const agent = new Agent({ keepAlive: true, maxSockets: MAX_IN_FLIGHT, timeout: GIVE_UP_MS })

let inFlight = 0
let planned = 0
let pageNumber = 0
let startedAt = 0
let whenIdle: (() => void) | undefined
let ticker: NodeJS.Timeout | undefined
let reporter: NodeJS.Timeout | undefined

process.on('message', (order: LoadOrder) => {
  if (order.kind === 'start') start(order.url, order.ratePerSecond)
  else stop()
})
tell({ kind: 'listening', port: 0 })

function start(url: string, ratePerSecond: number): void {
  startedAt = performance.now()
  ticker = setInterval(() => {
    const now = performance.now()
    lag.tick(now)
    for (; planned < plannedAfter(now - startedAt, ratePerSecond); planned++) {
      const dueAt = startedAt + dueAfterMs(planned, ratePerSecond)
      if (inFlight < MAX_IN_FLIGHT) send(`${url}/page/${String(++pageNumber % 1000)}`, dueAt)
      else tally.requestSkipped()
    }
  }, TICK_MS)
  reporter = setInterval(() => {
    tell({ kind: 'progress', inFlight, ...tally.progress })
  }, PROGRESS_EVERY_MS)
}

function stop(): void {
  clearInterval(reporter)
  planned = Infinity
  whenIdle = () => {
    clearInterval(ticker)
    agent.destroy()
    tell({ kind: 'tally', tally: tally.result() })
  }
  if (inFlight === 0) whenIdle()
}

function send(url: string, dueAt: number): void {
  const sentAt = performance.now()
  let problem: string | undefined = 'closed without an answer'
  inFlight++
  tally.requestSent(sentAt - dueAt)
  const request = get(url, { agent, timeout: GIVE_UP_MS }, (response) => {
    read(response, (body) => {
      problem = undefined
      const now = performance.now()
      tally.answered({
        status: response.statusCode ?? 0,
        body,
        sentAt: performance.timeOrigin + sentAt,
        latencyMs: now - sentAt,
        lagMs: lag.worstSince(sentAt, now),
      })
    })
  })
  request.on('timeout', () => {
    request.destroy(new Error(`no answer within ${String(GIVE_UP_MS)} ms`))
  })
  request.on('error', (reason: NodeJS.ErrnoException) => {
    problem = reason.code ?? reason.message
  })
  // The last event of every request, however it went.
  request.once('close', () => {
    if (problem !== undefined) tally.requestLost(problem)
    inFlight--
    if (inFlight === 0) whenIdle?.()
  })
}

function read(response: IncomingMessage, done: (body: string) => void): void {
  let body = ''
  response.setEncoding('utf8')
  response.on('data', (text: string) => {
    body += text
  })
  response.on('end', () => {
    done(body)
  })
}

function tell(message: Message): void {
  process.send?.(message)
}
