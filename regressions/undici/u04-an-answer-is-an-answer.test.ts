/**
 * `interceptors.retry` of undici turns a failing answer into an error, also where nothing is repeated: a POST that is answered
 * 503 rejects with `UND_ERR_REQ_RETRY`, and what the server said is lost (reproduced on 7.30 and 8.12).
 */
import { Agent, interceptors, request } from 'undici-8'
import { expect, onTestFinished, test } from 'vitest'
import { serve, usersOn } from './undici.model.js'
import type { TestServer } from './undici.model.js'

const POST = { method: 'POST', body: 'order' } as const

function overloaded(): Promise<TestServer & { readonly asked: () => number }> {
  let asked = 0
  const server = serve((request, response) => {
    asked++
    request.resume().on('end', () => response.writeHead(503, { 'x-why': 'load' }).end('come back later'))
  })
  return server.then((started) => ({ ...started, asked: () => asked }))
}

test('undici: an error', async () => {
  const { url, asked } = await overloaded()
  const agent = new Agent()
  onTestFinished(() => agent.destroy())

  const answer = request(url, { ...POST, dispatcher: agent.compose(interceptors.retry()) })

  await expect(answer).rejects.toMatchObject({ code: 'UND_ERR_REQ_RETRY' })
  expect(asked()).toBe(1)
})

test('ours: what the server said, after one attempt', async () => {
  const server = await overloaded()
  const client = usersOn([server])

  const { statusCode, headers, body } = await client.request('http://users/', POST)

  expect([statusCode, headers['x-why'], await body.text()]).toEqual([503, 'load', 'come back later'])
  expect(server.asked()).toBe(1)
})

test('ours: also when it was repeated in vain', async () => {
  const server = await overloaded()
  const client = usersOn([server], { retry: { maxRetries: 1 } })

  const { statusCode, body } = await client.request('http://users/')

  expect([statusCode, await body.text()]).toEqual([503, 'come back later'])
  expect(server.asked()).toBe(2)
})
