/**
 * Panic: when too few of the hosts are in service, ejection is not heeded. Then those that are left would get a load that they were never meant
 * for, and it is less likely that all others are bad than that the finding is (Envoy's panic threshold).
 */
import type { Host } from './host.js'

/** The hosts that may be chosen now. */
interface InService {
  readonly hosts: readonly Host[]
  readonly panics: boolean
}

/** Those in service; all of them, where panic is allowed, when they are fewer than the given share, or none. */
export function inService(members: readonly Host[], panicPercent: number, mayPanic: boolean): InService {
  const hosts = members.filter(({ health }) => health.isUsable)
  if (hosts.length === members.length) return { hosts: members, panics: false }
  const isShort = hosts.length === 0 || hosts.length * 100 < panicPercent * members.length
  const panics = mayPanic && isShort
  return panics ? { hosts: members, panics } : { hosts, panics }
}
