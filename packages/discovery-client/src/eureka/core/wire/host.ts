/**
 * Addresses from a registry end up in URLs, and whoever can register can try to lead requests elsewhere:
 * `10.0.0.1@evil.example`, `evil.example#`, `0x7f.1`. So an address is taken only if it is a plain host name or IP
 * address that the URL parser leaves as it is.
 */

const MAX_HOST_LENGTH = 253
const HOST_CHARACTERS = /^[a-z0-9._-]+$/i
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/
const IPV6_CHARACTERS = /^[0-9a-f:.]{2,45}$/i

/** `value` as a host name or IP address, or `undefined`. IPv6 comes without brackets and in its shortest form. */
export function readHost(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_HOST_LENGTH) return undefined
  if (IPV4.test(value)) return value
  if (value.includes(':')) return readIpv6(value)
  if (!HOST_CHARACTERS.test(value) || value.startsWith('.') || value.includes('..')) return undefined
  return hostnameOf(value) === value.toLowerCase() ? value : undefined
}

/** `value` as an IP address, or `undefined`. */
export function readIpAddress(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  return IPV4.test(value) ? value : readIpv6(value)
}

/** The address as it is written in a URL: IPv6 in brackets. */
export function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function readIpv6(text: string): string | undefined {
  const inner = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  if (!IPV6_CHARACTERS.test(inner)) return undefined
  return hostnameOf(`[${inner}]`)?.slice(1, -1)
}

function hostnameOf(authority: string): string | undefined {
  try {
    return new URL(`http://${authority}/`).hostname
  } catch {
    return undefined
  }
}
