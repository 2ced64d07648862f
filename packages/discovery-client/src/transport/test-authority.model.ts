/** A certificate authority that lives for one test file. Needs the command `openssl`. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TestAuthority {
  readonly ca: string
  issue(request: { name: string; expired?: boolean }): { key: string; cert: string }
  dispose(): void
}

export function createTestAuthority(): TestAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-tls-'))
  const path = (name: string): string => join(folder, name)
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  }
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(
    'req',
    '-x509',
    ...curve,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
  )
  let issued = 0
  return {
    ca: readFileSync(path('ca.pem'), 'utf8'),
    issue: ({ name, expired = false }) => {
      const own = `own${String(issued++)}`
      const alternative = /^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`
      writeFileSync(path(`${own}.ext`), `subjectAltName=${alternative}\n`)
      openssl('req', ...curve, '-keyout', `${own}.key`, '-out', `${own}.csr`, '-subj', `/CN=${name}`)
      openssl(
        ...['x509', '-req', '-in', `${own}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
        ...['-extfile', `${own}.ext`, '-out', `${own}.pem`, '-days', expired ? '-1' : '1'],
      )
      return { key: readFileSync(path(`${own}.key`), 'utf8'), cert: readFileSync(path(`${own}.pem`), 'utf8') }
    },
    dispose: () => {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
