/**
 * Hosts, as they may appear in requests and in what registries tell of instances. A host that is put into a URL must stay that
 * host: `10.0.0.1@evil.example` would go to another one, `a/..` and `a#` would change the path (S3).
 */

const MAX_NAME_LENGTH = 253
/** Letters, digits, `-` and `_` in labels of at most 63; names of services use the underscore, DNS names may have a final dot. */
const NAME = /^(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*\.?$/i
const IPV6 = /^[0-9a-f:.]{2,45}$/i
const MAX_PORT = 65_535

/**
 * The name of a service, in lower case, if that is what the host of a URL can be; undefined for addresses in any notation.
 * Names of services are not case-sensitive: URLs lower them anyway, and Eureka raises them.
 */
export function serviceNameOf(hostname: string): string | undefined {
  if (hostname.length > MAX_NAME_LENGTH || !NAME.test(hostname) || hostname.endsWith('.')) return undefined
  const name = hostname.toLowerCase()
  // URL parsers read a host whose last label is a number as an IPv4 address: 127.1, 0x7f.1, 2130706433.
  const last = name.slice(name.lastIndexOf('.') + 1)
  return /^(?:\d+|0x[0-9a-f]*)$/.test(last) ? undefined : name
}

/**
 * The origin of an instance, `http://host:port`; undefined when that would not lead to this very host and port.
 *
 * @param host - a host name, an IPv4 address with four decimal numbers, or an IPv6 address without brackets
 */
export function instanceOrigin(host: string, port: number, secure: boolean): string | undefined {
  if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) return undefined
  const isIpv6 = host.includes(':')
  if (isIpv6 ? !IPV6.test(host) : host.length > MAX_NAME_LENGTH || !NAME.test(host)) return undefined
  const text = `${secure ? 'https' : 'http'}://${isIpv6 ? `[${host}]` : host}:${String(port)}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) return undefined
  // An IPv6 address has many notations, all of them plain once the characters are; everything else must come out as it went in.
  return isIpv6 || url.hostname === host.toLowerCase() ? url.origin : undefined
}
