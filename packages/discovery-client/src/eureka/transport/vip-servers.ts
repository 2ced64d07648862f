/**
 * Servers of the registry as the registry itself has them (ApplicationsResolver, EurekaHttpResolver): the instances that are up
 * with a VIP, from the local registry while it is fresh, else asked of the servers that were known before. While nobody can tell,
 * those stay in use.
 */
import type { InstanceInfo } from '../core/model/instance-info.js'
import { zoneOf } from '../core/model/instance-info.js'
import { toInstance } from '../core/registry/to-instance.js'
import { hostInUrl } from '../core/wire/host.js'
import { ServiceUrl } from '../../transport/service-url.js'

export interface VipServersOptions {
  readonly vip: string
  /** The servers that are known without the registry. */
  readonly bootstrap: () => Promise<readonly ServiceUrl[]>
  /** What the local registry knows of the VIP; nothing when it is too old to be asked. */
  readonly local: (vip: string) => readonly InstanceInfo[]
  /** Asks the servers of `bootstrap`. */
  readonly remote: (vip: string) => Promise<readonly InstanceInfo[]>
  /** The path of the service; that of the first server of `bootstrap` when absent. */
  readonly context: string | undefined
  readonly useIp: boolean
}

/** Finds servers, again and again. */
export class VipServers {
  private readonly options: VipServersOptions
  private hasFound = false

  constructor(options: VipServersOptions) {
    this.options = options
  }

  /** Rejects when the servers cannot be asked, unless there is nothing better than those. */
  async find(): Promise<readonly ServiceUrl[]> {
    const { vip, local, remote } = this.options
    const bootstrap = await this.options.bootstrap()
    const known = this.serversOf(local(vip), bootstrap)
    if (known.length > 0) return this.found(known)
    try {
      const asked = this.serversOf(await remote(vip), bootstrap)
      return asked.length > 0 ? this.found(asked) : bootstrap
    } catch (error) {
      // Whoever keeps the list goes on with those that were found before.
      if (this.hasFound) throw error
      return bootstrap
    }
  }

  private found(servers: readonly ServiceUrl[]): readonly ServiceUrl[] {
    this.hasFound = true
    return servers
  }

  private serversOf(infos: readonly InstanceInfo[], bootstrap: readonly ServiceUrl[]): readonly ServiceUrl[] {
    const { useIp, context } = this.options
    const path = context === undefined ? (bootstrap[0]?.path ?? '/eureka/') : `/${context}/`
    // Who is spoken to with TLS does not get to choose servers without.
    const isSecureOnly = bootstrap.length > 0 && bootstrap.every(({ origin }) => origin.startsWith('https:'))
    return infos.flatMap((info) => {
      const address =
        info.status === 'UP' ? toInstance(info, { useIp, preferSecure: isSecureOnly }) : undefined
      if (address === undefined || (isSecureOnly && !address.secure)) return []
      const { host, port, secure } = address
      const base = new URL(`${secure ? 'https' : 'http'}://${hostInUrl(host)}:${String(port)}/`)
      base.pathname = path
      // Credentials were given for one server, and are told to no other.
      const named = bootstrap.find(({ origin }) => origin === base.origin)
      return (
        named?.movedTo(base, base.pathname) ??
        ServiceUrl.parse(base.href, zoneOf(info) ?? 'defaultZone') ??
        []
      )
    })
  }
}
