import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesArrived, eventually, httpServer } from './hostile-server.model.js'
import { send, testPool } from './wire.model.js'
import type { Sent } from './wire.model.js'

const CONNECTIONS = 3

/** What the server does, by path. */
const WAYS = ['/at-once', '/later', '/reset', '/cut', '/never'] as const

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('send' as const), path: fc.constantFrom(...WAYS) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('abort' as const), which: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('drain' as const, 'revive' as const) }) },
)

test('P5: whatever servers and callers do, every request ends once, and every place is given back', async () => {
  let underWay = 0
  let most = 0
  const server = await httpServer((request, response) => {
    underWay++
    most = Math.max(most, underWay)
    response.on('close', () => underWay--)
    const { url = '' } = request
    if (url.startsWith('/at-once')) response.end(url)
    else if (url.startsWith('/later')) setTimeout(() => response.end(url), 3)
    else if (url.startsWith('/reset')) request.socket.resetAndDestroy()
    else if (url.startsWith('/cut')) {
      response.writeHead(200, { 'content-length': 10 }).write('x')
      setTimeout(() => request.socket.destroy(), 1)
    }
  })

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
      const pool = testPool(server.origin, { connections: CONNECTIONS, maxQueue: 4 })
      const sent: Sent[] = []
      for (const given of steps) {
        if (given.kind === 'send')
          sent.push(send(pool, { ...server, path: `${given.path}?${String(sent.length)}` }))
        else if (given.kind === 'abort') sent[given.which]?.exchange.abort(new Error('enough'))
        else if (given.kind === 'wait') await bytesArrived()
        else pool[given.kind]()
        expect(pool.stats.inFlight).toBeLessThanOrEqual(CONNECTIONS)
        expect(pool.stats.waiting).toBeLessThanOrEqual(4)
      }
      await bytesArrived()
      for (const { exchange } of sent) exchange.abort(new Error('over'))
      await Promise.all(sent.map(({ sink }) => sink.ended))
      await eventually(() => pool.isIdle)
      await pool.destroy()

      sent.forEach(({ sink }, nth) => {
        expect(sink.heard.filter((word) => word === 'end' || word === 'failure')).toHaveLength(1)
        if (sink.error === undefined) expect(sink.body.endsWith(`?${String(nth)}`)).toBe(true)
      })
      expect(pool.stats).toMatchObject({
        inFlight: 0,
        waiting: 0,
        connected: 0,
        connecting: 0,
        state: 'closed',
      })
      await eventually(() => underWay === 0)
    }),
    { numRuns: 25 },
  )

  expect(most).toBeGreaterThan(1)
})
