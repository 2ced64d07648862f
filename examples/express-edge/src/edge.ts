// An edge service, as a user of Breakwater writes it: one page made of what three upstreams answer. They are found in
// Eureka, and asked by one client, which has a deadline, retries, a breaker, a bulkhead and a fallback for each. The page
// answers in time whatever they do, and whatever the registry does.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { errorRate, exponential } from '@breakwater/breaker'
import { EurekaClient } from '@breakwater/discovery-client'
import { createHttpClient } from '@breakwater/http'
import type { FallbackAnswer } from '@breakwater/http'
import type { FallbackCause } from '@breakwater/kernel'
import { metricsHandler } from '@breakwater/metrics'
import express from 'express'
import type { ErrorRequestHandler, Response } from 'express'

const { PORT = '3000', EUREKA_URL = 'http://127.0.0.1:8761/eureka/' } = process.env
const { USERS = 'users', ORDERS = 'orders', PRICES = 'prices' } = process.env

/**
 * By default it asks every 30 s, for which a minute has no time, and doubts a registry that has lost more than half of its
 * instances. Among so few each one counts: two fetches have to agree before anybody is given up.
 */
const eureka = new EurekaClient({
  serviceUrls: [EUREKA_URL],
  registryFetchIntervalMs: 800,
  shrinkGuard: { maxShrinkPercent: 0 },
})

/** Makes the fallback of a service: this is what it answers when nothing better came, and why. */
function instead(value: unknown): (cause: FallbackCause) => FallbackAnswer {
  return ({ kind }) => ({ body: JSON.stringify({ value, from: 'fallback', because: kind }) })
}

/** The times that it has by itself are those of a service; these are shorter, so that a minute shows everything. */
const client = createHttpClient({
  source: eureka,
  timeoutMs: 400, // of the 600 that the page has
  attemptTimeoutMs: 180,
  retry: { maxRetries: 1 },
  breaker: {
    trip: errorRate({ percent: 50, volume: 20, windowMs: 1_000 }),
    openMs: exponential({ firstMs: 500, maxMs: 1_000, jitter: 'equal' }),
    ramp: { durationMs: 1_000 },
  },
  balancer: {
    failurePenaltyMs: 250,
    ejection: { baseEjectionMs: 1_000, maxEjectionMs: 2_000, jitterMs: 200 },
  },
  services: {
    users: { service: USERS, fallback: instead({ name: 'guest' }) },
    orders: { service: ORDERS, fallback: instead([]) },
    prices: { service: PRICES, fallback: instead([9.99]) },
  },
})

const app = express()

app.get('/page/:id', async (request, response) => {
  const id = encodeURIComponent(request.params.id)
  const signal = goneSignal(response)
  const [user, orders, prices] = await Promise.all([
    getJson(`http://users/users/${id}`, signal),
    getJson(`http://orders/orders/${id}`, signal),
    getJson('http://prices/prices', signal),
  ])
  response.json({ user, orders, prices })
})

async function getJson(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await client.fetch(url, { signal })
  if (!response.ok) throw new Error(`${url} answered ${String(response.status)}`)
  return response.json()
}

app.get('/metrics', metricsHandler({ maxInstances: 20 }))

app.get('/health', (_request, response) => {
  const circuits = client.snapshot().services.map(({ name, command }) => [name, command.breaker?.state])
  const { registryAgeMs } = eureka
  response.json({ status: 'up', circuits: Object.fromEntries(circuits) as unknown, registryAgeMs })
})

// Errors of Breakwater carry their status, so Express answers well by itself; who is gone needs no answer.
const onError: ErrorRequestHandler = (error: Error, _request, response, next) => {
  // As any fetch, it rejects with a TypeError that has the reason as its cause.
  if (!response.destroyed) next(error.cause ?? error)
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
  server.close(() => {
    void client.close()
    eureka.dispose()
  })
})
