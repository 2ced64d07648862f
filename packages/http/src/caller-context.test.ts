/** Sockets are shared: what they tell of must not run the requests of one caller in the async context of another. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { constant } from '@breakwater/breaker'
import { expect, test } from 'vitest'
import { answering, clientOf, nobody, reset, usersOn } from './fleet.model.js'
import type { Answer } from './fleet.model.js'

const caller = new AsyncLocalStorage<string>()
const backoff = constant({ ms: 1 })

test.each<[string, number | Answer]>([
  ['a bad answer', 503],
  ['a reset', reset],
])('after %s the further attempts are made in the context of their caller', async (_name, failing) => {
  const seen: string[] = []
  const note = (what: string): void => void seen.push(`${what}: ${caller.getStore() ?? 'nobody'}`)
  const users = await answering('warm', failing, failing, 'good')
  const retryIf = (): boolean => {
    note('asked')
    return true
  }
  const client = usersOn([users], { retry: { backoff, maxRetries: 2, retryIf } })
  client.on('retry', () => note('told'))
  const body = (): string => {
    note('body')
    return 'made anew'
  }
  await caller.run('somebody else', async () => (await client.request('http://users/')).body.dump())

  await caller.run('ann', () =>
    client.with({ body }).request('http://users/', { method: 'PUT', body: 'once' }),
  )

  const further = ['asked: ann', 'told: ann', 'body: ann']
  expect(seen).toEqual(['body: ann', ...further, ...further])
})

test('what never left goes elsewhere in the context of its caller', async () => {
  const seen: (string | undefined)[] = []
  const body = (): string => {
    seen.push(caller.getStore())
    return 'made anew'
  }
  const users = await answering('good')
  const client = clientOf({
    services: { users: { instances: [await nobody(), users.url], balancer: { strategy: 'roundRobin' } } },
  })

  for (let turn = 0; turn < 2; turn++) {
    await caller.run('ann', async () => {
      const { body: answer } = await client
        .with({ body })
        .request('http://users/', { method: 'PUT', body: 'once' })
      await answer.dump()
    })
  }

  expect(seen.length).toBeGreaterThan(2)
  expect(new Set(seen)).toEqual(new Set(['ann']))
})
