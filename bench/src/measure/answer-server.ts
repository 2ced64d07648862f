// A server on a thread of its own, so that it goes on answering while the loop that calls it is blocked.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

const PROGRAM = `
const { createServer } = require('node:http')
const { parentPort, workerData } = require('node:worker_threads')
const server = createServer((request, response) => {
  request.resume()
  Atomics.add(workerData.received, 0, 1)
  setTimeout(() => response.end('answer'), workerData.afterMs)
})
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

/** Where it listens, and how many requests have come. */
export interface AnswerServer {
  readonly url: string
  readonly received: () => number
}

/** Starts a server that answers each request after so many milliseconds, until the process ends. */
export async function startServer(afterMs: number): Promise<AnswerServer> {
  const received = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(PROGRAM, { eval: true, workerData: { received, afterMs } })
  const [port] = (await once(worker, 'message')) as [number]
  return { url: `http://127.0.0.1:${port}/`, received: () => Atomics.load(received, 0) }
}
