/** The option `tls` of everything that talks to a registry. */
import type { OptionReader } from '@breakwater/kernel'
import type { TlsOptions } from '../connections.js'

/** Only what adds trust or proves who we are: there is no way to say that certificates shall not be checked (S14). */
export function readTls(read: OptionReader<'tls'>): TlsOptions | undefined {
  const keys = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'minVersion'] as const
  const tls = read.nested('tls', keys)
  tls.string('passphrase', undefined)
  tls.oneOf('minVersion', undefined, ['TLSv1.2', 'TLSv1.3'])
  const given = keys.filter((key) => tls.has(key)).map((key) => [key, tls.value(key)])
  // Certificates are judged by Node when they are used; the other two have just been checked.
  return read.has('tls') ? (Object.freeze(Object.fromEntries(given)) as TlsOptions) : undefined
}
