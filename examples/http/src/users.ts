// A service with two instances, one of which is not there any more, though everybody still believes so.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Below the ports that are given to those who ask for any. */
const NOBODY = 'http://127.0.0.1:19999'

export interface User {
  readonly id: string
  readonly name: string
}

export interface Users {
  readonly instances: readonly string[]
  stop(): void
}

export async function startUsers(): Promise<Users> {
  const there = await startOne()
  const instances = [NOBODY, urlOf(there)]
  const stop = (): void => {
    there.close()
    there.closeAllConnections()
  }
  return { instances, stop }
}

async function startOne(): Promise<Server> {
  const server = createServer((request, response) => {
    const id = request.url?.split('/').at(-1) ?? ''
    const user = { id, name: `user ${id}` } satisfies User
    const isKnown = /^\d+$/.test(id)
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isKnown ? user : { error: 'no such user' }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
}
