import { once } from 'node:events'
import express from 'express'
import { currentRequestScope, withRequestContext } from '@breakwater/kernel'
import type { RequestScope } from '@breakwater/kernel'
import { expect, it } from 'vitest'
import { answer, NAMES, nameOf, ownNameEverywhere, Service, serving, visit } from './server.model.js'

const expected = NAMES.map(ownNameEverywhere)

it('a request to a bare node:http server stays itself through timers, queues, batches, fallbacks and caches', async () => {
  const service = new Service()
  await serving(
    (req, res) => {
      void withRequestContext(async () => {
        answer(res, await service.handle(nameOf(req)))
      })
    },
    async (url) => {
      expect(await visit(url)).toEqual(expected)
    },
  )

  expect(service.batches).toHaveLength(NAMES.length)
})

it('a request to an Express app stays itself behind a middleware, and ends when its response is sent', async () => {
  const service = new Service()
  const scopes: RequestScope[] = []
  const app = express()
  app.use((_req, res, next) => {
    withRequestContext((scope) => {
      scopes.push(scope)
      res.once('close', () => scope.end())
      next()
    })
  })
  app.get('/:name', async (req, res) => {
    const seen = await service.handle(req.params.name)
    res.json(seen)
  })

  await serving(app, async (url) => {
    expect(await visit(url)).toEqual(expected)
  })

  expect(scopes.map(({ isEnded }) => isEnded)).toEqual(NAMES.map(() => true))
})

it('a client who goes away ends its request: what goes on in it has none', async () => {
  const controller = new AbortController()
  let afterwards: Promise<unknown> | undefined
  await serving(
    (_req, res) => {
      withRequestContext((scope) => {
        res.once('close', () => scope.end())
        afterwards = once(res, 'close').then(() => currentRequestScope())
        controller.abort()
      })
    },
    async (url) => {
      await expect(fetch(url, { signal: controller.signal })).rejects.toThrow('aborted')
      expect(await afterwards).toBeUndefined()
    },
  )
})
