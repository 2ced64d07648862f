/**
 * BalancedPool of undici 8.12.0 to 8.12.4 with any finite `connections`: after a refused connection the requests that wait for it
 * never settle (reproduced: of 12 at once over one connection 1 fails, 11 hang). 7.30 fails them all; none of both asks another host.
 */
import { BalancedPool, request } from 'undici-8'
import { expect, onTestFinished, test } from 'vitest'
import { endsOf, nobody, serve, textOf, times, usersOn } from './undici.model.js'

const WAIT_MS = 500

test('undici hangs', async () => {
  const { url } = await nobody()
  const dispatcher = new BalancedPool([url], { connections: 1 })
  onTestFinished(() => void dispatcher.destroy().catch(() => undefined))

  const ends = await endsOf(
    times(12, () => textOf(request(url, { dispatcher }))),
    WAIT_MS,
  )

  expect(ends).toEqual({ answered: 0, failed: 1, pending: 11 })
})

test.each([1, 10])(
  'of ours with %d connections all settle, and are answered where somebody is',
  async (connections) => {
    const good = await serve((_request, response) => response.end('good'))
    const [alone, together] = [
      usersOn([await nobody()], { breaker: false }, { connections }),
      usersOn([await nobody(), good], {}, { connections }),
    ]

    const refused = await endsOf(
      times(12, () => textOf(alone.request('http://users/'))),
      5_000,
    )
    const answered = await endsOf(
      times(12, () => textOf(together.request('http://users/', { method: 'POST', body: 'x' }))),
      5_000,
    )

    expect(refused).toEqual({ answered: 0, failed: 12, pending: 0 })
    expect(answered).toEqual({ answered: 12, failed: 0, pending: 0 })
  },
)
