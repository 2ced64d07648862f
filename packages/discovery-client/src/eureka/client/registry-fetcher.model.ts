/** A fetcher whose server is a function, and whose answers come when the test says so. */
import { seededRandom } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import type { ShrinkGuardOptions } from '../core/registry/shrink-guard.js'
import { DEFAULT_READ_LIMITS } from '../core/wire/read-parts.js'
import type { EurekaRequest } from '../core/wire/requests.js'
import type { Answer, ReadAnswer } from '../transport/attempt.js'
import type { Purpose } from '../transport/eureka-transport.js'
import { ServiceUrl } from '../../transport/service-url.js'
import { RegistryFetcher } from './registry-fetcher.js'

/** What the server says: JSON, or an error that the transport makes of it. */
export type Serve = (request: EurekaRequest) => Promise<unknown>

export interface FetcherWorld {
  readonly fetcher: RegistryFetcher
  readonly clock: SimClock
  /** Ids of all instances known now. */
  ids(): readonly string[]
}

export function fetcherOf(serve: Serve, shrinkGuard: ShrinkGuardOptions | false = false): FetcherWorld {
  const clock = new SimClock()
  const { signal } = new AbortController()
  const server = ServiceUrl.parse('http://registry/', 'defaultZone')!
  const send = async <T>(
    _purpose: Purpose,
    request: EurekaRequest,
    read?: ReadAnswer<T>,
  ): Promise<Answer<T>> => {
    const json = await serve(request)
    return { verdict: 'success', status: 200, server, value: await read?.(json, signal) }
  }
  const fetcher = new RegistryFetcher({
    clock,
    random: seededRandom(1),
    transport: { send, signal },
    limits: DEFAULT_READ_LIMITS,
    shrinkGuard,
    fetch: { disableDelta: true, logDeltaDiff: false, singleVip: undefined },
    registry: { filterOnlyUp: true, maxInstances: DEFAULT_READ_LIMITS.maxInstances },
    regions: { region: 'here', remoteRegions: [], zonesOfRegions: new Map() },
  })
  return {
    fetcher,
    clock,
    ids: () =>
      [...(fetcher.registries.get('here')?.apps.values() ?? [])].flatMap(({ all }) =>
        all.map(({ instanceId }) => instanceId),
      ),
  }
}

/** A full answer with instances of these ids, of the application `A` and of others. */
export function fullAnswer(
  ids: readonly string[],
  others: Readonly<Record<string, readonly string[]>> = {},
): object {
  const application = Object.entries({ A: ids, ...others }).map(([name, list]) => ({
    name,
    instance: list.map((instanceId) => ({
      instanceId,
      hostName: 'h',
      app: name,
      status: 'UP',
      port: { $: 1, '@enabled': 'true' },
    })),
  }))
  const size = application.reduce((sum, { instance }) => sum + instance.length, 0)
  return { applications: { apps__hashcode: `UP_${String(size)}_`, application } }
}
