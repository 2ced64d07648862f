import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, open, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { Exchange } from './exchange.js'
import type { ExchangeOptions } from './exchange.js'
import { PATIENT, QUICK } from './exchange.model.js'
import { eventually, hostileServer } from './hostile-server.model.js'
import { ServiceUrl } from './service-url.js'

/** As many as libuv has by default. */
const THREADS = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4)

/** Holds every thread of the pool until the test ends, as look-ups by `getaddrinfo` do when a name server is silent. */
function blockThreadPool(): void {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-pool-'))
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const blocked = Array.from(
    { length: THREADS },
    () =>
      new Promise<void>((resolve) => {
        // Does not return before somebody opens the other end.
        open(pipe, 'r', (_error, descriptor) => {
          closeSync(descriptor)
          resolve()
        })
      }),
  )
  onTestFinished(async () => {
    const writer = openSync(pipe, 'w')
    await Promise.all(blocked)
    closeSync(writer)
    rmSync(folder, { recursive: true })
  })
}

const packed = (): Promise<{ url: string; requests: string[] }> =>
  hostileServer((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{}'))
  })

function asking(
  url: string,
  limits: Partial<ExchangeOptions> = {},
): { exchange: Exchange; answer: Promise<unknown> } {
  const exchange = new Exchange({ ...PATIENT, ...limits })
  onTestFinished(() => exchange.close())
  const server = ServiceUrl.parse(url, 'defaultZone')!
  const answer = exchange.send({ server, method: 'GET', path: '/eureka/apps/', headers: {} })
  answer.catch(() => undefined)
  return { exchange, answer }
}

test('E13: an answer that nobody unpacks, because all threads are busy, is left when the time is over', async () => {
  const { url } = await packed()
  blockThreadPool()
  const { exchange, answer } = asking(url, QUICK)

  await expect(answer).rejects.toMatchObject({ name: 'RegistryError', code: 'ERR_REGISTRY_TIMEOUT' })

  expect(exchange.size).toBe(0)
})

test('close ends what is being unpacked', async () => {
  const { url, requests } = await packed()
  blockThreadPool()
  const { exchange, answer } = asking(url)
  await eventually(() => requests.length === 1)

  await exchange.close()

  await expect(answer).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
  expect(exchange.size).toBe(0)
})
