import { afterEach, describe, expect, it } from 'vitest'
import { JavaClient } from './java-client.ts'
import { missingTools } from './prepare.ts'
import { RealEureka } from './real-eureka.ts'
import type { Flavour } from './real-eureka.ts'

const PATIENCE = { timeout: 30_000, interval: 200 }

const missing = missingTools()
const running: { stop(): Promise<void> }[] = []

const keep = <T extends { stop(): Promise<void> }>(it: T): T => {
  running.push(it)
  return it
}

afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop()
})

describe.skipIf(missing !== undefined && process.env['CI'] === undefined)('the real servers', () => {
  it.each<Flavour>(['netflix', 'spring'])(
    'a %s server starts, comes back on its port after a power cut, and tells the Java client of itself',
    { timeout: 900_000 },
    async (flavour) => {
      expect(missing).toBeUndefined()
      const server = keep(await RealEureka.start({ flavour }))
      await server.kill()
      await expect(fetch(`${server.url}apps`)).rejects.toThrow()
      await server.startAgain()

      const client = keep(
        await JavaClient.start({
          servers: [server.url],
          app: 'ORDERS',
          vip: 'orders',
          port: 8_123,
          metadata: { k: 'v' },
        }),
      )

      await expect
        .poll(() => client.app('ORDERS'), PATIENCE)
        .toEqual([
          expect.objectContaining({
            status: 'UP',
            port: 8_123,
            metadata: expect.objectContaining({ k: 'v' }),
          }),
        ])
      await client.setStatus('DOWN')
      await expect.poll(() => client.hash(), PATIENCE).toBe('DOWN_1_')
    },
  )
})
