/**
 * Rows 19 and 20, S1, S2, S3, S10: every body of the corpus, and some too long to keep, sent as an answer. `refused-…`: nothing of it is used, and what was known stays.
 * `kept-N-…`: N instances of `users` are there afterwards. What fuzzing or life finds goes into the folder.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { realClient } from './faults.model.js'

const FOLDER = new URL('./corpus/', import.meta.url)
function besideOneOf(length: number): string {
  const users = (instanceId: string, text: string): object => ({
    instanceId,
    hostName: 'h',
    status: 'UP',
    port: { $: 1, '@enabled': 'true' },
    vipAddress: 'users',
    metadata: { text },
  })
  const instance = [users('long', 'x'.repeat(length)), users('short', '')]
  return JSON.stringify({ applications: { application: [{ name: 'USERS', instance }] } })
}

/** Those that are long, and nothing but that. */
const LONG: Readonly<Record<string, string>> = {
  'refused-deep': `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  'refused-instance-without-an-end': `{"applications":{"application":[{"instance":[{"a":"${'x'.repeat(1_000_000)}`,
  'refused-number-of-a-megabyte': `{"applications":${'9'.repeat(1_000_000)}`,
  'kept-1-beside-one-of-a-megabyte': besideOneOf(1_000_000),
  'refused-only-brackets': '['.repeat(100_000),
}
const BODIES = [...readdirSync(FOLDER), ...Object.keys(LONG)].sort()
const BEFORE = { instanceId: 'before', hostName: 'h', status: 'UP', port: { $: 1, '@enabled': 'true' } }
const FIRST = JSON.stringify({
  applications: { application: [{ name: 'BEFORE', instance: [BEFORE] }] },
})
/** What an input may cost, server included. By the thread's own time: a machine that has others to serve takes longer. */
const LIMIT_MS = 250

function cpuMs(): number {
  const { user, system } = (process.threadCpuUsage ?? process.cpuUsage).call(process)
  return (user + system) / 1_000
}

test.each(BODIES)('%s', async (name) => {
  let body: string | Buffer = FIRST
  let sent = 0
  const server = createServer((_request, response) => {
    sent++
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { client, errors } = realClient({
    serviceUrls: [`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/eureka/`],
    disableDelta: true,
    shrinkGuard: false,
  })
  await client.start()
  body = LONG[name] ?? readFileSync(new URL(name, FOLDER))

  const startedAt = cpuMs()
  await client.refresh()
  const tookMs = cpuMs() - startedAt

  const [, count] = /^kept-(\d+)-/.exec(name) ?? []
  expect(sent).toBe(2)
  if (count === undefined) {
    expect(errors).toMatchObject([{ code: 'ERR_REGISTRY_NO_SERVER', cause: { code: 'ERR_REGISTRY_BODY' } }])
    expect(client.app('before')).toHaveLength(1)
  } else {
    expect(errors).toEqual([])
    expect(client.instances('users')).toHaveLength(Number(count))
    expect(client.app('before')).toHaveLength(0)
  }
  expect(tookMs).toBeLessThan(LIMIT_MS)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test('the corpus has both kinds', () => {
  expect(BODIES.filter((name) => name.startsWith('refused-')).length).toBeGreaterThan(20)
  expect(BODIES.filter((name) => /^kept-\d+-/.test(name)).length).toBeGreaterThan(20)
})
