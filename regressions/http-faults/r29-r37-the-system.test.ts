/** Rows 29 to 37: certificates that are not right, and a system that has nothing left to give. */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { constant } from '@breakwater/breaker'
import { expect, onTestFinished, test } from 'vitest'
import { TestAuthority } from '../../packages/http/src/wire/test-authority.model.js'
import { endsOf, failureOf, isAtRest, nobody, saying, usersAt, written } from './http-faults.model.js'

const GOOD = written('200 OK', 'good')

async function secure(authority: TestAuthority, name: string): Promise<{ url: string; asked: () => number }> {
  let asked = 0
  const server = createServer(authority.issue(name), (_request, response) => {
    asked++
    response.end('secret')
  })
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { url: `https://127.0.0.1:${String(port)}`, asked: () => asked }
}

test.each([
  ['an unknown authority', '127.0.0.1', false, /UNABLE_TO_VERIFY|SELF_SIGNED/],
  ['another name', 'other.example', true, /ERR_TLS_CERT_ALTNAME_INVALID/],
])('row 29: %s: nothing is sent, nor in plain text', async (_what, name, isKnown, code) => {
  const authority = new TestAuthority()
  onTestFinished(() => {
    authority.dispose()
  })
  const server = await secure(authority, name)
  const tls = isKnown ? { tls: { ca: authority.ca } } : {}
  const client = usersAt([server.url], { retry: { backoff: constant({ ms: 1 }) } }, tls)

  expect(await failureOf(client.request('http://users/'))).toMatchObject({
    code: expect.stringMatching(code) as string,
  })

  expect(server.asked()).toBe(0)
  expect(endsOf(client)).toEqual({ failure: 1 })
  await isAtRest(client)
})

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
    if (this.helper.stdout !== null) await once(this.helper.stdout, 'data')
  }
}

const canLimit = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0

test.skipIf(!canLimit)(
  'row 35: no file left: the breaker counts it, and all is well once there is',
  async () => {
    const server = await saying(GOOD)
    const client = usersAt([server.url], { retry: false })
    const limit = new FileLimit()
    const before = spawnSync('sh', ['-c', 'ulimit -n']).stdout.toString().trim()
    await limit.set('3')

    const errors = await Promise.all([1, 2, 3].map(() => failureOf(client.request('http://users/'))))
    await limit.set(before)
    const { body } = await client.request('http://users/')

    expect(errors).toMatchObject([{ code: 'EMFILE' }, { code: 'EMFILE' }, { code: 'EMFILE' }])
    expect(await body.text()).toBe('good')
    expect(endsOf(client)).toEqual({ failure: 3, success: 1 })
    await isAtRest(client)
  },
)

test('row 37: connections that cannot be made are few, whatever the number of instances', async () => {
  const gone = await Promise.all(Array.from({ length: 10 }, nobody))
  const client = usersAt(gone, { retry: { maxRetries: 2, backoff: constant({ ms: 1 }) }, breaker: false })

  await failureOf(client.request('http://users/'))

  const failures =
    client.snapshot().services[0]?.balancer?.instances.map((instance) => instance.failures) ?? []
  const attempts = failures.reduce((sum, count) => sum + count, 0)
  expect(attempts).toBeGreaterThan(1)
  expect(attempts).toBeLessThanOrEqual(10)
  await isAtRest(client)
})
