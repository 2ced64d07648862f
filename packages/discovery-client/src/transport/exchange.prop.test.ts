import { systemClock } from '@breakwater/kernel'
import fc from 'fast-check'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { Exchange } from './exchange.js'
import { eventually, hostileServer } from './hostile-server.model.js'
import { ServiceUrl } from './service-url.js'

const LIMIT_MS = 150
/** What a busy machine may add. */
const SLACK_MS = 5_000
const MAX_BYTES = 4_096

const step = fc.oneof(
  fc.record({ kind: fc.constant('bytes' as const), size: fc.integer({ min: 1, max: 6_000 }) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 120 }) }),
  fc.record({ kind: fc.constant('reset' as const) }),
  fc.record({ kind: fc.constant('end' as const) }),
  fc.record({ kind: fc.constant('silence' as const) }),
)
const script = fc.record({
  packed: fc.boolean(),
  promised: fc.option(fc.nat(8_000), { nil: undefined }),
  steps: fc.array(step, { maxLength: 6 }),
})

test(
  'E13: whatever a server does, a request ends in time, with no more bytes than allowed, and leaves no socket',
  { timeout: 120_000 },
  async () => {
    const scripts = new Map<string, typeof script extends fc.Arbitrary<infer S> ? S : never>()
    const server = await hostileServer(async (request, response) => {
      const { packed, promised, steps } = scripts.get(request.url!)!
      response.on('error', () => undefined)
      response.writeHead(200, {
        ...(packed ? { 'content-encoding': 'gzip' } : {}),
        ...(promised === undefined ? {} : { 'content-length': String(promised) }),
      })
      response.flushHeaders()
      for (const each of steps) {
        if (response.destroyed || each.kind === 'silence') return
        if (each.kind === 'reset') response.socket?.resetAndDestroy()
        else if (each.kind === 'end') response.socket?.destroySoon()
        else if (each.kind === 'wait') await new Promise((resolve) => setTimeout(resolve, each.ms))
        else {
          const bytes = Buffer.alloc(each.size, 'x')
          response.socket?.write(packed ? gzipSync(bytes) : bytes)
        }
      }
      response.socket?.destroySoon()
    })
    const exchange = new Exchange({
      clock: systemClock,
      connectTimeoutMs: LIMIT_MS / 2,
      readTimeoutMs: LIMIT_MS / 2,
      idleTimeoutMs: 1_000,
      maxConnectionsPerServer: 100,
      maxBodyBytes: MAX_BYTES,
    })
    onTestFinished(() => exchange.close())
    let number = 0

    await fc.assert(
      fc.asyncProperty(fc.array(script, { minLength: 5, maxLength: 20 }), async (batch) => {
        const startedAt = performance.now()
        await Promise.all(
          batch.map(async (each) => {
            const path = `/eureka/${String(number++)}`
            scripts.set(path, each)
            const request = {
              server: ServiceUrl.parse(server.url, 'z')!,
              method: 'GET',
              path,
              headers: {},
            } as const
            await exchange.send(request).then(
              ({ body }) => {
                expect(body.length).toBeLessThanOrEqual(MAX_BYTES)
              },
              (error: unknown) => {
                expect(error).toMatchObject({
                  name: 'RegistryError',
                  code: expect.stringMatching(/^ERR_REGISTRY_/),
                })
              },
            )
          }),
        )
        expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS + SLACK_MS)
        expect(exchange.size).toBe(0)
      }),
      { numRuns: 12 },
    )

    await exchange.close()
    await eventually(() => exchange.sockets === 0)
  },
)
