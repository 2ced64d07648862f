/** What the programs with a network of their own share: small servers, and what became of requests to them. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HttpClient } from '@breakwater/http'
import { heldBy } from '../../packages/http/src/held.model.ts'
import { codesOf } from '../network/network.ts'

/** Answers `good` to everything. Its connections do not keep the program alive. */
export async function startServer(host = '127.0.0.1'): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (_request, response) => response.end('good'))
  server.on('connection', (socket) => socket.unref())
  server.listen(0, host)
  await once(server, 'listening')
  return server
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** Asks the service `users` once: `good`, or the codes of what went wrong. */
export async function ask(client: HttpClient): Promise<string> {
  try {
    const { body } = await client.request('http://users/')
    return await body.text()
  } catch (error) {
    return codesOf(error)
  }
}

/** Asks 200 times a second for so long; resolves when all have ended. */
export async function askSteadily(client: HttpClient, forMs: number): Promise<string[]> {
  const startedAt = performance.now()
  const calls: Promise<string>[] = []
  while (performance.now() - startedAt < forMs) {
    const due = Math.floor((performance.now() - startedAt) / 5)
    while (calls.length <= due) calls.push(ask(client))
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return Promise.all(calls)
}

/** How often each of them is there. */
export function tally(ends: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const end of ends) counts[end] = (counts[end] ?? 0) + 1
  return counts
}

/** Whether a client holds nothing any more, and makes no connection. */
export function holdsNothing(client: HttpClient): boolean {
  return heldBy(client).length === 0 && client.snapshot().pools.every(({ connecting }) => connecting === 0)
}

export async function eventually(isSo: () => boolean, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs
  while (!isSo() && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 5))
  return isSo()
}
