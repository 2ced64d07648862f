// Passwords and certificates, at a gateway before the server.
import assert from 'node:assert/strict'
import type { ServerOptions } from 'node:https'
import type { TlsOptions } from '@breakwater/discovery-client'
import { createTestAuthority } from '../../../packages/discovery-client/src/transport/test-authority.model.ts'
import type { TestAuthority } from '../../../packages/discovery-client/src/transport/test-authority.model.ts'
import type { Gateway } from '../gateway.ts'
import type { Lab } from '../lab.ts'

export async function authenticates(lab: Lab): Promise<void> {
  const app = lab.name('credentials')
  await lab.register(app)
  await sendsThePassword(lab, app)
  const authority = createTestAuthority()
  try {
    await checksCertificates(lab, app, authority)
  } finally {
    authority.dispose()
  }
}

async function sendsThePassword(lab: Lab, app: string): Promise<void> {
  const expected = `Basic ${Buffer.from('user:p:w@d').toString('base64')}`
  const gateway = await lab.gateway({
    judge: ({ authorization }) => (authorization === expected ? undefined : { status: 401 }),
  })
  const url = gateway.url.replace('//', '//user:p%3Aw%40d@')

  await finds(lab, app, url)

  assert.deepEqual([...new Set(gateway.asked.map(({ authorization }) => authorization))], [expected])
  await isRefused(lab, gateway)
  assert.ok(gateway.asked.some(({ authorization }) => authorization === undefined))
}

async function checksCertificates(lab: Lab, app: string, authority: TestAuthority): Promise<void> {
  const { ca } = authority
  const start = (name: string, more?: ServerOptions): Promise<Gateway> =>
    lab.gateway({ tls: { ...authority.issue({ name }), ...more } })

  const here = await start('127.0.0.1')
  await finds(lab, app, here.url, { ca })
  const asked = here.asked.length
  await isRefused(lab, here)
  assert.equal(here.asked.length, asked, 'an unknown authority hears nothing')

  const mutual = await start('127.0.0.1', { ca, requestCert: true, rejectUnauthorized: true })
  await finds(lab, app, mutual.url, { ca, ...authority.issue({ name: 'client' }) })
  await isRefused(lab, mutual, { ca })

  const elsewhere = await start('elsewhere.example')
  await isRefused(lab, elsewhere, { ca })
  assert.deepEqual(elsewhere.asked, [], 'and neither does another name')
}

async function finds(lab: Lab, app: string, url: string, tls?: TlsOptions): Promise<void> {
  const client = lab.client({ serviceUrls: [url], tls })
  await client.start()
  await lab.eventually(async () => {
    await client.refresh()
    assert.equal(client.app(app).length, 1)
  })
}

async function isRefused(lab: Lab, { url }: Gateway, tls?: TlsOptions): Promise<void> {
  const client = lab.client({ serviceUrls: [url], tls, enforceFetchRegistryAtInit: true })
  await assert.rejects(client.start(), { name: 'RegistryError' })
}
