import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { CallTimeoutError } from '@breakwater/kernel'
import { expect, onTestFinished, test } from 'vitest'
import { bytesArrived, eventually, httpServer } from './hostile-server.model.js'
import { send, testPool } from './wire.model.js'

const LISTENER = `
require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
  process.stdout.write(String(this.address().port))
})`

/** A port whose new connections get no answer at all: its process is stopped, and the queue before it is full. */
async function blackHole(): Promise<number> {
  const child = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  child.kill('SIGSTOP')
  for (let filling = 0; filling < 8; filling++) {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined)
    onTestFinished(() => void socket.destroy())
    // On loopback a connection is there at once, or never.
    const isConnected = await Promise.race([
      once(socket, 'connect').then(() => true),
      bytesArrived().then(() => false),
    ])
    if (!isConnected) return Number(port)
  }
  throw new Error('the queue never got full')
}

test.skipIf(process.platform !== 'linux')(
  'a host that does not answer: the request ends in time, and its socket is closed (row 8)',
  async () => {
    const origin = `http://127.0.0.1:${String(await blackHole())}`
    const pool = testPool(origin, { connectTimeoutMs: 800 })
    const before = performance.now()

    const { exchange, sink } = send(pool, { origin }, { headTimeoutMs: 100 })
    await sink.ended

    expect(performance.now() - before).toBeGreaterThanOrEqual(100)
    expect(sink.error).toBeInstanceOf(CallTimeoutError)
    expect(exchange).toMatchObject({ failureClass: 'never-sent', failureKind: 'timeout' })
    expect(pool.stats).toMatchObject({ inFlight: 1, connecting: 1 })
    await eventually(() => pool.isIdle)
    await eventually(() => pool.stats.connecting === 0)
    expect(performance.now() - before).toBeGreaterThanOrEqual(800)
  },
)

/** Sets how many files this process may open. Started before files get scarce, because starting it takes some. */
class FileLimit {
  private readonly helper: ChildProcess

  constructor() {
    const loop = `while read limit; do prlimit --pid ${String(process.pid)} --nofile="$limit:"; echo; done`
    this.helper = spawn('sh', ['-c', loop], { stdio: ['pipe', 'pipe', 'inherit'] })
    onTestFinished(() => void this.helper.kill())
  }

  async set(limit: string): Promise<void> {
    this.helper.stdin?.write(`${limit}\n`)
    await once(this.helper.stdout!, 'data')
  }
}

const canLimit = process.platform === 'linux' && spawnSync('sh', ['-c', 'command -v prlimit']).status === 0

test.skipIf(!canLimit)(
  'no file left for a socket: a failed connection, and all is well once there is (row 35)',
  async () => {
    const server = await httpServer((_request, response) => response.end('hello'))
    const pool = testPool(server.origin)
    const limit = new FileLimit()
    const before = spawnSync('sh', ['-c', 'ulimit -n']).stdout.toString().trim()
    // Files 0 to 2 are open from the start of a process.
    await limit.set('3')

    const { exchange, sink } = send(pool, server)
    await sink.ended
    await limit.set(before)
    const after = send(pool, server)
    await after.sink.ended

    expect(sink.error).toMatchObject({ code: 'EMFILE' })
    expect(exchange).toMatchObject({ failureClass: 'never-sent', failureKind: 'transport' })
    expect(after.sink.body).toBe('hello')
  },
)
