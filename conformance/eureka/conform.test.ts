import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EmbeddedEureka } from '@breakwater/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createTestAuthority } from '../../packages/discovery-client/src/transport/test-authority.model.ts'
import type { TestAuthority } from '../../packages/discovery-client/src/transport/test-authority.model.ts'
import { readArguments } from './command-line.ts'
import { conform } from './conform.ts'
import { Gateway } from './gateway.ts'

const PASSWORD = 'can:a@ry'
const EXPECTED = `Basic ${Buffer.from(`user:${PASSWORD}`).toString('base64')}`
const WITH_PASSWORD = '//user:can%3Aa%40ry@'
/** Raw requests, our client, a raw line before the server, a gateway before it, and DNS. */
const ONLY = '1,6,9,22,24,27'

let authority: TestAuthority
let folder: string
let ca: string

beforeAll(() => {
  authority = createTestAuthority()
  folder = mkdtempSync(join(tmpdir(), 'breakwater-conform-'))
  ca = join(folder, 'ca.pem')
  writeFileSync(ca, authority.ca)
})
afterAll(() => {
  authority.dispose()
  rmSync(folder, { recursive: true })
})

/** A server that speaks TLS, and answers nobody without the password. */
async function guarded(isTls = true): Promise<Gateway> {
  const server = await EmbeddedEureka.start()
  onTestFinished(() => server.stop())
  const gateway = await Gateway.start({
    target: server.url,
    judge: ({ authorization }) => (authorization === EXPECTED ? undefined : { status: 401 }),
    ...(isTls ? { tls: authority.issue({ name: '127.0.0.1' }) } : {}),
  })
  onTestFinished(() => gateway.stop())
  return gateway
}

async function told(args: readonly string[], only = ONLY): Promise<{ isGood: boolean; said: string }> {
  const given = readArguments([...args, '--only', only, '--settle-ms', '5000'])
  if (given.kind !== 'run') throw new Error(JSON.stringify(given))
  const lines: string[] = []
  const isGood = await conform(given.options, (line) => lines.push(line))
  return { isGood, said: lines.join('\n') }
}

const shown = (said: string): string | undefined =>
  ['canary', PASSWORD, EXPECTED, 'can%3A'].find((each) => said.includes(each))

test.each<[string, boolean, (ca: string) => string[]]>([
  ['TLS by an authority of their own, and a password', true, (file) => ['--ca', file]],
  ['TLS, with --insecure, and a password', true, () => ['--insecure']],
  ['a password alone', false, () => []],
])(
  'servers with %s are told the scenarios, and the password is not shown',
  { timeout: 60_000 },
  async (_how, isTls, args) => {
    const { url, asked } = await guarded(isTls)

    const { isGood, said } = await told(['--url', url.replace('//', WITH_PASSWORD), ...args(ca)])

    expect(said).toContain('6 passed, 0 failed, 0 skipped')
    expect(isGood).toBe(true)
    expect(asked.length).toBeGreaterThan(0)
    expect(shown(said)).toBeUndefined()
  },
)

test('a certificate that nobody vouches for is refused, unless told otherwise', async () => {
  const { url, asked } = await guarded()

  const { isGood, said } = await told(['--url', url.replace('//', WITH_PASSWORD)], '1')

  expect(isGood).toBe(false)
  expect(said).toContain('0 passed, 1 failed')
  expect(asked).toEqual([])
})

test('a wrong password is a failure that does not show it', async () => {
  const { url } = await guarded()

  const { isGood, said } = await told(['--url', url.replace('//', '//user:canary@'), '--ca', ca], '1')

  expect(isGood).toBe(false)
  expect(shown(said)).toBeUndefined()
})
