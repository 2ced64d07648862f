// An edge service, as a user of Breakwater writes it: one page made of three upstream answers, each behind a command
// with a timeout, a retry, a breaker, a bulkhead and a fallback. The upstreams are found in Eureka. The page answers in
// time whatever they do, and whatever the registry does.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { decorrelated, errorRate, exponential } from '@breakwater/breaker'
import { createCommand } from '@breakwater/command'
import type { CommandTuning } from '@breakwater/command'
import { createBalancer, EurekaClient } from '@breakwater/discovery-client'
import type { Balancer, BalancerOptions, Instance } from '@breakwater/discovery-client'
import type { Call, Outcome } from '@breakwater/kernel'
import { metricsHandler } from '@breakwater/metrics'
import express from 'express'
import type { ErrorRequestHandler, Response } from 'express'

const { PORT = '3000', EUREKA_URL = 'http://127.0.0.1:8761/eureka/' } = process.env
const { USERS = 'users', ORDERS = 'orders', PRICES = 'prices' } = process.env

/** What is left for the calls of the 600 ms that the page has. */
const CALL_BUDGET_MS = 400

/** The preset's times are those of a service; these are shorter, so that a minute shows everything. */
const tuning = {
  timeoutMs: CALL_BUDGET_MS,
  attemptTimeoutMs: 180,
  retry: { maxRetries: 1, backoff: decorrelated({ baseMs: 20, maxMs: 60 }) },
  breaker: {
    trip: errorRate({ percent: 50, volume: 20, windowMs: 1_000 }),
    openMs: exponential({ firstMs: 500, maxMs: 1_000, jitter: 'equal' }),
    ramp: { durationMs: 1_000 },
  },
} satisfies CommandTuning

/**
 * By default it asks every 30 s, for which a minute has no time, and doubts a registry that has lost more than half of its
 * instances. Among so few each one counts: two fetches have to agree before anybody is given up.
 */
const eureka = new EurekaClient({
  serviceUrls: [EUREKA_URL],
  registryFetchIntervalMs: 800,
  shrinkGuard: { maxShrinkPercent: 0 },
})
/** Who is slow, fails or is silent gets next to nothing. These times, too, are shorter than those of a service. */
const balancing = {
  source: eureka,
  failurePenaltyMs: 250,
  ejection: { baseEjectionMs: 1_000, maxEjectionMs: 2_000, jitterMs: 200 },
  // Who asked for the page has gone: that says nothing about the instance.
  classify: (outcome) => (isGone(outcome) ? 'ignored' : outcome.kind === 'success' ? 'success' : 'failure'),
} satisfies Omit<BalancerOptions, 'service'>
const users = createBalancer({ ...balancing, service: USERS, name: 'users' })
const orders = createBalancer({ ...balancing, service: ORDERS, name: 'orders' })
const prices = createBalancer({ ...balancing, service: PRICES, name: 'prices' })

interface User {
  readonly id: string
  readonly name: string
}

/** A part of the page, and who answered for it. */
interface Part<T> {
  readonly value: T
  readonly from: 'upstream' | 'fallback'
  /** The instance that answered, and at which attempt. */
  readonly by?: string
  readonly attempt?: number
  /** Why the fallback was asked. */
  readonly because?: string
}

/** The ids of the instances that a call has been to: its retry goes to another one. */
type Tried = Set<string>

const getUser = createCommand({
  ...tuning,
  name: 'GetUser',
  group: 'page',
  run: (call, id: string, tried: Tried) =>
    getPart<User>(users, `/users/${encodeURIComponent(id)}`, call, tried),
  fallback: ({ kind }, id): Part<User> => ({
    value: { id, name: 'guest' },
    from: 'fallback',
    because: kind,
  }),
})

const getOrders = createCommand({
  ...tuning,
  name: 'GetOrders',
  group: 'page',
  run: (call, id: string, tried: Tried) =>
    getPart<string[]>(orders, `/orders/${encodeURIComponent(id)}`, call, tried),
  fallback: ({ kind }): Part<string[]> => ({ value: [], from: 'fallback', because: kind }),
})

const getPrices = createCommand({
  ...tuning,
  name: 'GetPrices',
  group: 'page',
  run: (call, tried: Tried) => getPart<number[]>(prices, '/prices', call, tried),
  fallback: ({ kind }): Part<number[]> => ({ value: [9.99], from: 'fallback', because: kind }),
})

function getPart<T>(fleet: Balancer, path: string, call: Call, tried: Tried): Promise<Part<T>> {
  const ask = async ({ id, host, port }: Instance): Promise<Part<T>> => {
    tried.add(id)
    const response = await fetch(`http://${host}:${String(port)}${path}`, { signal: call.signal })
    const value: unknown = await response.json()
    if (!response.ok) throw new Error(`${id} answered ${String(response.status)}`)
    return { value: value as T, from: 'upstream', by: id, attempt: call.attempt }
  }
  return fleet.execute(ask, { call, exclude: tried })
}

const app = express()

app.get('/page/:id', async (request, response) => {
  const { id } = request.params
  const options = { signal: goneSignal(response), budgetMs: CALL_BUDGET_MS }
  const [user, orders, prices] = await Promise.all([
    getUser.with(options).execute(id, new Set()),
    getOrders.with(options).execute(id, new Set()),
    getPrices.with(options).execute(new Set()),
  ])
  response.json({ user, orders, prices })
})

app.get('/metrics', metricsHandler({ maxInstances: 20 }))

app.get('/health', (_request, response) => {
  const circuits = [getUser, getOrders, getPrices].map(({ name, breaker }) => [name, breaker?.state])
  const { registryAgeMs } = eureka
  response.json({ status: 'up', circuits: Object.fromEntries(circuits) as unknown, registryAgeMs })
})

function isGone(outcome: Outcome<unknown>): boolean {
  return outcome.kind === 'failure' && outcome.error instanceof Error && outcome.error.name === 'AbortError'
}

// Errors of Breakwater carry their status, so Express answers well by itself; who is gone needs no answer.
const onError: ErrorRequestHandler = (error, _request, response, next) => {
  if (!response.destroyed) next(error)
}
app.use(onError)

/** Aborts when the client goes away before it has its answer; then the calls for it end too. */
function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  return gone.signal
}

await eureka.start()
const server = app.listen(Number(PORT), '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
console.log(`listening on http://127.0.0.1:${String(port)}/page/1`)
process.send?.({ kind: 'listening', port })

process.once('SIGTERM', () => {
  server.close()
  for (const fleet of [users, orders, prices]) fleet.dispose()
  eureka.dispose()
})
