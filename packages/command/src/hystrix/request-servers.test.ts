import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCollapser } from '@breakwater/fallback'
import { createRuntime, withRequestContext } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import express from 'express'
import { expect, it } from 'vitest'
import { createCommand } from '../command.js'
import { currentRequest } from './request-context.js'
import { createStreamCommand } from './stream-command.js'

const VISITORS = ['ann', 'bob', 'cid', 'dot', 'eve']
const whose = new WeakMap<object, string>()
/** Whose request it is, by the log that only this request has. */
const here = (): string => whose.get(currentRequest()?.log ?? {}) ?? 'nobody'

/** Where each request waits for all others, so that they are all under way at once and go on in the last one's turn. */
class Meeting {
  readonly all: Promise<void>
  private missing = VISITORS.length
  private begin!: () => void

  constructor() {
    this.all = new Promise((resolve) => {
      this.begin = resolve
    })
  }

  come(): Promise<void> {
    if (--this.missing === 0) this.begin()
    return this.all
  }
}

/** Commands that all requests share, and a handler that goes through each of them. */
function service(): (name: string) => Promise<unknown> {
  const clock = new SimClock()
  const common = { preset: 'hystrix', group: 'G', runtime: createRuntime(), clock } as const
  const queueing = new Meeting()
  const waiting = new Meeting()
  const falling = new Meeting()
  const loading = new Meeting()
  const streaming = new Meeting()
  const threadPool = { coreSize: 1, maxQueueSize: 100, queueSizeRejectionThreshold: 100 }
  const queued = createCommand({
    ...{ ...common, threadPool, name: 'Queued', timeoutMs: false as const },
    run: async () => {
      await queueing.all
      return here()
    },
  })
  const late = createCommand({
    ...{ ...common, pool: 'late', name: 'Late', timeoutMs: 1, fallbackLimit: 100 },
    run: () => new Promise<never>(() => undefined),
    fallback: async () => {
      await falling.come()
      return here()
    },
  })
  const cached = createCommand({
    ...common,
    name: 'Cached',
    timeoutMs: false,
    cacheKey: () => 'k',
    run: here,
  })
  const batched = createCommand({
    ...{ ...common, pool: 'batches', name: 'Batched', timeoutMs: false as const },
    run: (_call, ids: readonly string[]) => ids.map((id) => `${id} of ${here()}`),
  })
  const collapser = createCollapser({
    windowMs: 1,
    clock,
    batch: (ids: readonly string[]) => batched.with({ collapsed: ids.length }).execute(ids),
  })
  const { runtime } = common
  const streamed = createStreamCommand({
    ...{ name: 'Streamed', runtime, clock, timeoutMs: false as const },
    properties: { 'execution.isolation.semaphore.maxConcurrentRequests': 100 },
    run: async function* () {
      yield here()
      await streaming.come()
      yield here()
    },
  })
  // Timers fire while nobody's request is the current one.
  for (const { all } of [waiting, loading]) void all.then(() => clock.advance(1))
  return async (name) => {
    const log = currentRequest()?.log
    if (log !== undefined) whose.set(log, name)
    const first = queued.execute()
    void queueing.come()
    const seen: string[] = [await first]
    const second = late.execute()
    void waiting.come()
    seen.push(await second, await cached.execute(), await cached.execute())
    const loads = Promise.all([collapser.load('1'), collapser.load('2')])
    void loading.come()
    seen.push(...(await loads))
    for await (const value of streamed.execute()) seen.push(value)
    const said = currentRequest()
      ?.log.toString()
      .replaceAll(/\[\d+ms\]/g, '')
    return { seen, said }
  }
}

const answerOf = (name: string): unknown => ({
  seen: [name, name, name, name, `1 of ${name}`, `2 of ${name}`, name, name],
  said: 'Queued[SUCCESS], Late[TIMEOUT, FALLBACK_SUCCESS], Cached[SUCCESS], Cached[SUCCESS, RESPONSE_FROM_CACHE], Batched[SUCCESS, COLLAPSED], Streamed[EMITx2, SUCCESS]',
})

async function visit(listener: RequestListener): Promise<unknown[]> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  try {
    return await Promise.all(VISITORS.map(async (name) => (await fetch(`${url}/${name}`)).json()))
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

it('#995 #1314: commands behind a bare node:http server keep to the request that called them', async () => {
  const handle = service()
  const answers = await visit((req, res) => {
    void withRequestContext(async () => res.end(JSON.stringify(await handle((req.url ?? '').slice(1)))))
  })

  expect(answers).toEqual(VISITORS.map(answerOf))
})

it('#2030 #212: commands behind Express too, whose middleware opens the request', async () => {
  const handle = service()
  const app = express()
  app.use((_req, res, next) => {
    withRequestContext((scope) => {
      res.once('close', () => scope.end())
      next()
    })
  })
  app.get('/:name', async (req, res) => {
    res.json(await handle(req.params.name))
  })

  expect(await visit(app)).toEqual(VISITORS.map(answerOf))
})
