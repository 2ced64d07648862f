/**
 * An HTTP server on a thread of its own, so that it goes on answering while the loop of the test is blocked. For tests
 * only.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

const PROGRAM = `
const { createServer } = require('node:http')
const { parentPort, workerData } = require('node:worker_threads')
const { received, afterMs, body } = workerData
const answer = (response) => {
  if (Atomics.load(received, 1) === 0) response.end(body)
  else setTimeout(answer, 1, response)
}
const server = createServer((request, response) => {
  request.resume()
  Atomics.add(received, 0, 1)
  setTimeout(answer, afterMs, response)
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

export interface AnswerServer {
  readonly url: string
  /** How many requests it has received. */
  received(): number
  /** Keeps its answers back until `release`, which also works while the loop of the test is blocked. */
  hold(): void
  release(): void
  stop(): Promise<unknown>
}

/** Starts a server that answers each request with `body` after so many milliseconds. */
export async function startServer(afterMs: number, body: string): Promise<AnswerServer> {
  const received = new Int32Array(new SharedArrayBuffer(8))
  const worker = new Worker(PROGRAM, { eval: true, workerData: { received, afterMs, body } })
  const [port] = (await once(worker, 'message')) as [number]
  return {
    url: `http://127.0.0.1:${String(port)}/`,
    received: () => Atomics.load(received, 0),
    hold: () => void Atomics.store(received, 1, 1),
    release: () => void Atomics.store(received, 1, 0),
    stop: () => worker.terminate(),
  }
}
