// HTTP servers in a process of their own, as services are: what they compute is not in the numbers of the one who asks.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** What each answer says. */
export const BODY: string = JSON.stringify({
  id: 42,
  name: 'Ada Lovelace',
  mail: 'ada@example.org',
  roles: ['admin', 'reader'],
})

const PROGRAM = `
const { createServer } = require('node:http')
const { body, servers, afterMs } = JSON.parse(process.argv[1])
let now = { status: 200, afterMs }
const answer = (response) => {
  response.writeHead(now.status, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
}
const listener = (request, response) => {
  if (now.afterMs === 0) answer(response)
  else setTimeout(answer, now.afterMs, response)
}
const listening = Array.from({ length: servers }, () => {
  const server = createServer({ keepAliveTimeout: 60000 }, listener)
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
})
Promise.all(listening).then((ports) => process.stdout.write(JSON.stringify(ports) + '\\n'))
process.stdin.setEncoding('utf8')
process.stdin.on('data', (text) => { now = JSON.parse(text) })
process.stdin.on('end', () => process.exit())
`

/** How a server answers from now on. */
interface Manner {
  readonly status: number
  readonly afterMs: number
}

/** One process with one or more servers. */
export interface ServerProcess {
  /** Where each of its servers is. */
  readonly origins: readonly string[]
  answer(manner: Manner): void
  freeze(): void
  end(): void
}

/** Starts servers that answer each request after so many milliseconds. They end with the one who started them. */
export async function startServers(servers: number, afterMs = 0): Promise<ServerProcess> {
  const setting = JSON.stringify({ body: BODY, servers, afterMs })
  const child = spawn(process.execPath, ['-e', PROGRAM, setting], { stdio: ['pipe', 'pipe', 'inherit'] })
  endWithUs(child)
  const [text] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
  const ports = JSON.parse(text) as readonly number[]
  return {
    origins: ports.map((port) => `http://127.0.0.1:${port}`),
    answer: (manner) => child.stdin.write(JSON.stringify(manner)),
    freeze: () => child.kill('SIGSTOP'),
    end: () => kill(child),
  }
}

const started = new Set<ChildProcess>()

function endWithUs(child: ChildProcess): void {
  if (started.size === 0) process.once('exit', () => started.forEach(kill))
  started.add(child)
}

function kill(child: ChildProcess): void {
  // Nothing less ends a process that is stopped.
  child.kill('SIGKILL')
}
