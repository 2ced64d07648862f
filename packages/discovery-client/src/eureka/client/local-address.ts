/**
 * What this machine is called and where it is reached, for registrations that do not say so themselves.
 */
import { hostname, networkInterfaces } from 'node:os'

export interface LocalAddress {
  readonly hostName: string
  readonly ipAddr: string
}

/** The host name, and the first IPv4 address that is not loopback; `127.0.0.1` when there is none. */
export function localAddress(): LocalAddress {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const outside = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)
  const ipAddr = outside?.address ?? '127.0.0.1'
  return { hostName: hostname() || ipAddr, ipAddr }
}
