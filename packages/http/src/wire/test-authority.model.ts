/** A certificate authority that lives for one test file. Needs the command `openssl`. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Identity {
  readonly key: string
  readonly cert: string
}

export class TestAuthority {
  private readonly folder = mkdtempSync(join(tmpdir(), 'breakwater-http-tls-'))
  private issued = 0

  constructor() {
    this.request('ca', 'test authority', ['-x509', '-days', '2', '-out', 'ca.pem'])
  }

  get ca(): string {
    return this.read('ca.pem')
  }

  /** A certificate for a host name or an address. */
  issue(name: string, days = 1): Identity {
    const own = `own${String(++this.issued)}`
    const kind = /^[\d.]+$/.test(name) ? 'IP' : 'DNS'
    writeFileSync(join(this.folder, `${own}.ext`), `subjectAltName=${kind}:${name}\n`)
    this.request(own, name, ['-out', `${own}.csr`])
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial']
    const what = ['-in', `${own}.csr`, '-extfile', `${own}.ext`, '-out', `${own}.pem`]
    this.openssl(['x509', '-req', ...by, ...what, '-days', String(days)])
    return { key: this.read(`${own}.key`), cert: this.read(`${own}.pem`) }
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  private request(file: string, name: string, rest: readonly string[]): void {
    const key = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      `${file}.key`,
    ]
    this.openssl(['req', ...key, '-subj', `/CN=${name}`, ...rest])
  }

  private openssl(args: readonly string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: 'pipe' })
  }

  private read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8')
  }
}
