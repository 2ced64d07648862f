/**
 * Which addresses may be connected to. Asked about numbers, never about names or their spelling: a name is judged by what it
 * resolves to, and once more by where the connection led, so that neither an odd notation nor a changed DNS answer gets by.
 */
import { BlockList, isIP, isIPv6 } from 'node:net'
import { parseCidr } from '../core/cidr.js'
import type { Cidr } from '../core/cidr.js'

/** Below these, gateways between the two families have all IPv4 addresses: RFC 6052, RFC 8215 and RFC 2765. */
const TRANSLATED: readonly string[] = ['64:ff9b::', '64:ff9b:1::', '::ffff:0:']

/** Ranges by name. IPv4 ranges hold for their notations within IPv6 too: mapped, translated (NAT64) and 6to4. */
const ADDRESS_RANGES: Readonly<Record<AddressRange, readonly string[]>> = Object.freeze({
  loopback: ['127.0.0.0/8', '::1/128'],
  unspecified: ['0.0.0.0/8', '::/128'],
  // Also where clouds tell machines their credentials: AWS, GCP and Azure; AWS over IPv6; Alibaba; Oracle; Azure's other one.
  'link-local': [
    ...['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254/128', '100.100.100.200/32', '192.0.0.192/32'],
    '168.63.129.16/32',
  ],
  // `fec0::/10` is what `fc00::/7` took the place of (RFC 3879).
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fec0::/10'],
  multicast: ['224.0.0.0/4', '255.255.255.255/32', 'ff00::/8'],
})

export type AddressRange = 'loopback' | 'unspecified' | 'link-local' | 'private' | 'multicast'

export interface AddressRules {
  /** When given, no other address may be connected to. Ranges by name or in CIDR notation. */
  readonly allow?: readonly string[] | undefined
  /** May not be connected to, whatever `allow` says. Default: `['link-local', 'unspecified', 'multicast']`, less what `allow` names. */
  readonly deny?: readonly string[] | undefined
}

const DENIED_BY_DEFAULT: readonly string[] = ['link-local', 'unspecified', 'multicast']

/** The rules, ready to be asked. */
export class AddressGate {
  private readonly allowed: BlockList | undefined
  private readonly denied: BlockList

  constructor(rules: AddressRules = {}) {
    const { allow, deny } = rules
    this.allowed = allow === undefined ? undefined : listOf(allow)
    this.denied = listOf(deny ?? DENIED_BY_DEFAULT.filter((name) => allow?.includes(name) !== true))
  }

  /** Whether a connection to this address is allowed; what is not an address is not. */
  permits(address: string): boolean {
    const version = isIP(address)
    if (version === 0) return false
    const family = version === 6 ? 'ipv6' : 'ipv4'
    if (this.denied.check(address, family)) return false
    return this.allowed === undefined || this.allowed.check(address, family)
  }
}

/** What is wrong with an entry of `allow` or `deny`; undefined for a good one. */
export function rangeProblem(entry: unknown): string | undefined {
  if (typeof entry === 'string' && (Object.hasOwn(ADDRESS_RANGES, entry) || cidrOf(entry) !== undefined))
    return
  const names = Object.keys(ADDRESS_RANGES).join(', ')
  return `one of ${names}, or a range such as "10.0.0.0/8"`
}

function listOf(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const ranges = Object.hasOwn(ADDRESS_RANGES, entry) ? ADDRESS_RANGES[entry as AddressRange] : [entry]
    for (const range of ranges) addRange(list, cidrOf(range) as Cidr)
  }
  return list
}

function addRange(list: BlockList, { address, bits }: Cidr): void {
  if (isIPv6(address)) {
    list.addSubnet(address, bits, 'ipv6')
    return
  }
  list.addSubnet(address, bits, 'ipv4')
  // A list knows mapped addresses (::ffff:10.0.0.1) as those that they stand for, but not the prefixes of gateways.
  for (const prefix of TRANSLATED) list.addSubnet(`${prefix}${address}`, 96 + bits, 'ipv6')
  list.addSubnet(`2002:${hexPair(address, 0)}:${hexPair(address, 2)}::`, 16 + bits, 'ipv6')
}

function hexPair(address: string, from: number): string {
  const [high, low] = address.split('.').slice(from, from + 2)
  return (Number(high) * 256 + Number(low)).toString(16)
}

function cidrOf(entry: string): Cidr | undefined {
  const cidr = parseCidr(entry)
  const version = cidr === undefined ? 0 : isIP(cidr.address)
  if (cidr === undefined || version === 0) return undefined
  const maxBits = version === 6 ? 128 : 32
  return (cidr.bits ?? maxBits) > maxBits ? undefined : { address: cidr.address, bits: cidr.bits ?? maxBits }
}
