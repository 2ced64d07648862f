/**
 * undici does not hear an abort while a request waits for its connection or behind another request (nodejs/undici#386; reproduced on
 * 7.30 and 8.12): `request` stays pending until the connection is there or the other has ended.
 */
import { Agent, request } from 'undici-8'
import type { ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { failsAfter, mute, serve, textOf, usersOn } from './undici.model.js'
import type { TestServer } from './undici.model.js'

const WAIT_MS = 300

function agentOf(connections: number): Agent {
  const dispatcher = new Agent({ connections })
  onTestFinished(() => dispatcher.destroy())
  return dispatcher
}

function silent(): Promise<TestServer> {
  return serve(() => undefined)
}

/** Aborts soon, but not at once. */
function soon(): AbortSignal {
  const caller = new AbortController()
  setImmediate(() => {
    caller.abort(new Error('enough'))
  })
  return caller.signal
}

test('undici: not while connecting', async () => {
  const { url } = await mute()

  expect(
    await failsAfter(() => request(url, { dispatcher: agentOf(1), signal: soon() }), WAIT_MS),
  ).toBeUndefined()
})

test('undici: not behind another', async () => {
  const { url } = await silent()
  const dispatcher = agentOf(1)
  request(url, { dispatcher }).catch(() => undefined)

  expect(await failsAfter(() => request(url, { dispatcher, signal: soon() }), WAIT_MS)).toBeUndefined()
})

test('ours: at once while connecting, and it leaves nothing behind', async () => {
  const client = usersOn([await mute()])

  await expect(client.request('http://users/', { signal: soon() })).rejects.toThrow('enough')

  const [users] = client.snapshot().services
  expect(users?.command).toMatchObject({ inFlight: 0, executions: { cancelled: 1, failure: 0 } })
  expect(users?.balancer?.instances.map(({ inFlight }) => inFlight)).toEqual([0])
})

test('ours: at once behind another, which goes on', async () => {
  let comes: (response: ServerResponse) => void = () => undefined
  const asked = new Promise<ServerResponse>((resolve) => (comes = resolve))
  const server = await serve((_request, response) => {
    comes(response)
  })
  const client = usersOn([server], {}, { connections: 1 })
  const first = client.request('http://users/first')
  const response = await asked

  await expect(client.request('http://users/second', { signal: soon() })).rejects.toThrow('enough')
  expect(client.snapshot().pools).toMatchObject([{ inFlight: 1, waiting: 0 }])
  response.end('late')

  expect(await textOf(first)).toBe('late')
  expect(client.snapshot().pools).toMatchObject([{ inFlight: 0, waiting: 0 }])
})
