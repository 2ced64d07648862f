/** Fallbacks that answer instead of instances. */
import { consecutiveFailures } from '@breakwater/breaker'
import { describe, expect, test } from 'vitest'
import type { FallbackAnswer } from './engine/plain-answer.js'
import { answering, failureOf, isAtRest, nobody, usersOn } from './fleet.model.js'

describe('a fallback', () => {
  test('answers instead of a failing answer, an error and an open breaker', async () => {
    const users = await answering(500)
    const client = usersOn([users], {
      retry: false,
      breaker: { trip: consecutiveFailures(2) },
      fallback: (cause, { service, method, path }) => ({
        status: 203,
        headers: { 'X-From': 'fallback' },
        body: `${service} ${method} ${path} ${cause.kind}`,
      }),
    })

    const texts: string[] = []
    for (let call = 0; call < 3; call++) {
      const response = await client.fetch('http://users/x')
      expect([response.status, response.headers.get('x-from')]).toEqual([203, 'fallback'])
      texts.push(await response.text())
    }

    expect(texts).toEqual(['users GET /x failure', 'users GET /x failure', 'users GET /x rejected'])
    expect(users.got).toHaveLength(2)
  })

  test.each([
    ['HEAD', 200, '', '5'],
    ['GET', 204, '', '5'],
    ['GET', 200, 'guest', '5'],
  ] as const)('that answers %s with %d has the body %j', async (method, status, body, length) => {
    const fallback = (): FallbackAnswer => ({ status, body: 'guest' })
    const client = usersOn([await nobody()], { retry: false, fallback })
    const answer = await client.request('http://users/', { method })

    expect([await answer.body.text(), answer.headers['content-length']]).toEqual([body, length])
  })

  test('that fails itself is told of', async () => {
    const client = usersOn([await nobody()], { retry: false, fallback: () => ({ status: 42 }) })

    await expect(client.request('http://users/')).rejects.toMatchObject({ code: 'ERR_FALLBACK_FAILED' })
  })
})

test.each(['of the service', 'of some requests'])(
  'a fallback %s is not asked for an answer that has begun, and counts as none',
  async (whose) => {
    const users = await answering((_request, response) => {
      response.writeHead(200, { 'content-length': 9 }).write('half', () => response.destroy())
    })
    let asked = 0
    const fallback = (): FallbackAnswer => {
      asked++
      return {}
    }
    const isOwn = whose === 'of some requests'
    const client = usersOn([users], isOwn ? {} : { fallback })

    const { body } = await (isOwn ? client.with({ fallback }) : client).request('http://users/')
    await failureOf(body.text())
    await isAtRest(client)

    expect(asked).toBe(0)
    expect(client.snapshot().services[0]?.command.fallbacks.success).toBe(0)
  },
)
