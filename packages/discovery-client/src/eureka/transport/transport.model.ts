/** A transport over given servers, for tests with real sockets. */
import { seededRandom } from '@breakwater/kernel'
import { onTestFinished } from 'vitest'
import { EurekaTransport } from './eureka-transport.js'
import type { TransportOptions } from './eureka-transport.js'
import { ServerList } from './server-list.js'
import { PATIENT } from '../../transport/exchange.model.js'
import { ServiceUrl } from '../../transport/service-url.js'

/** Servers are tried in the order given. */
export function transportTo(
  urls: readonly string[],
  options: Partial<TransportOptions> = {},
): EurekaTransport {
  const servers = new ServerList({
    clock: PATIENT.clock,
    load: () => Promise.resolve(urls.map((url) => ServiceUrl.parse(url, 'defaultZone')!)),
    refreshMs: 300_000,
    limitMs: 1_000,
    onError: () => undefined,
  })
  const transport = new EurekaTransport({
    random: seededRandom(1),
    servers: { registration: servers, query: servers, bootstrap: servers },
    choice: { sessionMs: 1_200_000, quarantineShare: 0.66, maxAttempts: 3 },
    redirects: 'known',
    maxRedirects: 10,
    headers: () => ({ accept: 'application/json', 'accept-encoding': 'gzip' }),
    ...PATIENT,
    ...options,
  })
  onTestFinished(() => transport.close())
  return transport
}
