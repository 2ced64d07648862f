/**
 * Clients and sources are often made, started or first asked within a request, by a lazy module or by the first call to a service. What they
 * go on with then, polls, heartbeats, connections, would carry the values of that request for the life of the process.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConsulSource, DnsSource, EurekaClient, FileSource, StaticSource } from '@breakwater/discovery-client'
import type { InstanceSource } from '@breakwater/discovery-client'
import { createHttpClient } from '@breakwater/http'
import { EmbeddedEureka } from '@breakwater/testing'
import { expect, onTestFinished, test } from 'vitest'
import { aliveOf, failOnWarnings } from './leaks.model.js'

failOnWarnings()

const request = new AsyncLocalStorage<object>()
const USERS = { appName: 'users', hostName: '10.0.0.1', port: 1 }
const CONSUL = JSON.stringify([
  {
    Node: { Node: 'n', Address: '10.0.0.1' },
    Service: { ID: 'a', Address: '10.0.0.1', Port: 1 },
    Checks: [],
  },
])

/** A server that is none of the request's doing. */
function serve(listener: RequestListener): Promise<string> {
  return request.exit(async () => {
    const server = createServer({ keepAliveTimeout: 60_000 }, listener).listen(0, '127.0.0.1')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    await new Promise((resolve) => server.once('listening', resolve))
    return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  })
}

async function startEureka(): Promise<string> {
  const eureka = await request.exit(() => EmbeddedEureka.start())
  onTestFinished(() => eureka.stop())
  return eureka.url
}

/** Begins something that lasts, and comes back when it is under way. */
type Begin = () => Promise<unknown>

const BEGINS: Record<string, Begin> = {
  'a client of Eureka': async () => {
    const client = new EurekaClient({ serviceUrls: [await startEureka()], instance: USERS })
    onTestFinished(() => client.stop())
    await client.start()
    return client
  },
  'a status set by hand': async () => {
    const serviceUrls = [await startEureka()]
    const client = new EurekaClient({ serviceUrls, fetchRegistry: false, instance: USERS })
    onTestFinished(() => client.stop())
    await request.exit(() => client.start())
    await client.setStatus('DOWN')
    return client
  },
  'queries to Consul': async () => {
    let index = 0
    const url = await serve((_request, response) => {
      if (index > 0) return
      response.setHeader('x-consul-index', ++index)
      response.end(CONSUL)
    })
    const source = new ConsulSource({ url })
    onTestFinished(() => source.dispose())
    source.watch('users', () => undefined)
    await source.ready('users')
    return source
  },
  'look-ups in DNS': async () => {
    const record = { name: '10.0.0.1', port: 1, priority: 0, weight: 1 }
    const resolver = { srv: () => Promise.resolve([record]), a: () => Promise.resolve([]) }
    const source = new DnsSource({ name: '_{service}.internal', type: 'SRV', resolver })
    onTestFinished(() => source.dispose())
    await source.refresh('users')
    return source
  },
  'looks at a file': async () => {
    const folder = await mkdtemp(join(tmpdir(), 'breakwater-file-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const path = join(folder, 'instances.json')
    await writeFile(path, '{}')
    const source = new FileSource(path)
    onTestFinished(() => source.dispose())
    await source.ready
    return source
  },
  'a source of somebody else, which the first request to a service begins to watch': async () => {
    const watch = (): (() => void) => {
      const timer = setInterval(() => undefined, 1_000)
      return () => clearInterval(timer)
    }
    const known = new StaticSource({ users: [await serve((_request, response) => response.end('hello'))] })
    const source: InstanceSource = { watch, snapshot: (service) => known.snapshot(service) }
    const client = createHttpClient({ source })
    onTestFinished(() => client.close())
    await (await client.fetch('http://users/')).text()
    return client
  },
  'a connection that is kept alive': async () => {
    const url = await serve((_request, response) => response.end('hello'))
    const services = { users: { instances: [url] } }
    const client = createHttpClient({ services, keepAliveTimeoutMs: 60_000 })
    onTestFinished(() => client.close())
    await (await client.fetch('http://users/')).text()
    return client
  },
}

test.each(Object.entries(BEGINS))('a request in which it began is not kept by %s', async (_name, begin) => {
  const references: WeakRef<object>[] = []
  const within = async (): Promise<unknown> => {
    const values = { user: 'ann' }
    references.push(new WeakRef(values))
    return request.run(values, begin)
  }

  const lasting = await within()

  await expect.poll(() => aliveOf(references), { timeout: 5_000 }).toBe(0)
  expect(lasting).toBeDefined()
})
