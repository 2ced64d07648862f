import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const said: string[] = []
const arguments_ = process.argv

beforeEach(() => {
  said.length = 0
  vi.spyOn(console, 'log').mockImplementation((...words) => said.push(words.join(' ')))
  vi.spyOn(console, 'error').mockImplementation((...words) => said.push(words.join(' ')))
  process.argv = arguments_.slice(0, 2)
})

afterEach(() => {
  process.argv = arguments_
  process.exitCode = undefined
  vi.resetModules()
})

test('each program that needs nothing says what its source is for', async () => {
  await import('./main.ts')

  expect(said).toEqual([
    'static:   100 to 9001, 300 to 9002',
    'replaced: 10 to 9003',
    'file:     10 to 9001',
    'replaced: 10 to 9002',
    'unusable: SyntaxError',
    'kept:     10 to 9002',
    'DNS:      users.test:9001, users.test:9002',
    'shares:   100 to 9001, 300 to 9002',
    'Eureka:   users-1 in east, users-2 in west',
    'shares:   5 to 9001, 5 to 9002',
    'one out:  10 to 9002',
    'merged:   5 to 9001, 5 to 9002',
    'moved:    5 to 9002, 5 to 9003',
    'registry: 5 to 9001, 5 to 9002',
    'list:     10 to 9009',
    'back:     10 to 9002',
  ])
})

test('the one for Consul wants a URL and a service', async () => {
  await import('./consul.ts')

  expect(said).toEqual(['usage: node src/consul.ts URL SERVICE [SECONDS]'])
  expect(process.exitCode).toBe(2)
})

test('the one for Consul prints who is in service there', async () => {
  const service = { ID: 'users-1', Address: '127.0.0.1', Port: 9_001, Meta: { zone: 'east' } }
  const server = createServer((request, response) => {
    // What waits for a change waits until the program ends.
    if (request.url?.includes('index=') === true) return
    response.setHeader('x-consul-index', '7')
    response.end(JSON.stringify([{ Node: { Node: 'n1' }, Service: service, Checks: [] }]))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  process.argv = [...arguments_.slice(0, 2), `http://127.0.0.1:${String(port)}`, 'users', '0']

  await import('./consul.ts')
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))

  expect(said).toEqual(['Consul:   n1/users-1 (127.0.0.1:9001, east)'])
})
