import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { createCollapser } from '@breakwater/fallback'
import { createRuntime } from '@breakwater/kernel'
import express from 'express'
import { expect, it } from 'vitest'
import { createCommand } from '../command.js'
import { currentRequest, withRequestContext } from './request-context.js'
import { createStreamCommand } from './stream-command.js'

const VISITORS = ['ann', 'bob', 'cid', 'dot', 'eve']
const whose = new WeakMap<object, string>()
/** Whose request it is, by the log that only this request has. */
const here = (): string => whose.get(currentRequest()?.log ?? {}) ?? 'nobody'

/** Commands that all requests share, and a handler that goes through each of them. */
function service(): (name: string) => Promise<unknown> {
  const runtime = createRuntime()
  const common = { preset: 'hystrix', group: 'G', runtime } as const
  const threadPool = { coreSize: 1, maxQueueSize: 100, queueSizeRejectionThreshold: 100 }
  const queued = createCommand({
    ...{ ...common, threadPool, name: 'Queued', timeoutMs: false as const },
    run: async () => {
      await turn()
      return here()
    },
  })
  const late = createCommand({
    ...{ ...common, pool: 'late', name: 'Late', timeoutMs: 1, fallbackLimit: 100 },
    run: () => new Promise<never>(() => undefined),
    fallback: async () => {
      await turn()
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
    batch: (ids: readonly string[]) => batched.with({ collapsed: ids.length }).execute(ids),
  })
  const streamed = createStreamCommand({
    ...{ name: 'Streamed', runtime, timeoutMs: false as const },
    properties: { 'execution.isolation.semaphore.maxConcurrentRequests': 100 },
    run: async function* () {
      yield here()
      await turn()
      yield here()
    },
  })
  return async (name) => {
    const log = currentRequest()?.log
    if (log !== undefined) whose.set(log, name)
    const seen: string[] = [await queued.execute(), await late.execute(), await cached.execute()]
    seen.push(await cached.execute(), ...(await Promise.all([collapser.load('1'), collapser.load('2')])))
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
