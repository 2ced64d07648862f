/**
 * The pattern `dispatch(options, { ...handler, … })` loses the methods of handlers that are classes; undici itself refuses what is left
 * (reproduced: "invalid onRequestStart method"). Who puts such an interceptor around ours is told so too, and waits for nothing; below ours it
 * does no harm, for what we hand down has its methods on every undici.
 */
import { Agent, fetch, request } from 'undici-8'
import type { Dispatcher } from 'undici-8'
import { expect, onTestFinished, test } from 'vitest'
import { endsOf, serve, usersOn } from './undici.model.js'

const spreading =
  (dispatch: Dispatcher.Dispatch): Dispatcher.Dispatch =>
  (options, handler) =>
    dispatch(options, { ...handler })

function agentOf(): Agent {
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  return agent
}

test('undici refuses the request', async () => {
  const { url } = await serve((_request, response) => response.end('good'))

  await expect(request(url, { dispatcher: agentOf().compose(spreading) })).rejects.toThrow(
    'invalid onRequestStart',
  )
})

test.each([
  ['around ours', (ours: Dispatcher.DispatcherComposeInterceptor) => [ours, spreading]],
  ['below ours', (ours: Dispatcher.DispatcherComposeInterceptor) => [spreading, ours]],
] as const)('ours: everybody hears of the end, with it %s', async (_where, order) => {
  const client = usersOn([await serve((_request, response) => response.end('good'))])
  const ours = client.interceptor() as unknown as Dispatcher.DispatcherComposeInterceptor
  const dispatcher = agentOf().compose([...order(ours)])

  const ends = await endsOf(
    [request('http://users/', { dispatcher }), fetch('http://users/', { dispatcher })],
    2_000,
  )

  expect(ends.pending).toBe(0)
  expect(client.snapshot().services[0]?.command.inFlight).toBe(0)
})
