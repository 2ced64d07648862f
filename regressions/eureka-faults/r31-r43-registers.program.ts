/** Rows 31 and 43: registers at a server and goes on for ever. Told: its URL, and the time between two heartbeats. */
import { EurekaClient } from '@breakwater/discovery-client'

const [, , url = '', period = ''] = process.argv

const client = new EurekaClient({
  serviceUrls: [url],
  registryFetchIntervalMs: Number(period),
  instance: {
    appName: 'users',
    hostName: '127.0.0.1',
    port: 9_001,
    leaseRenewalIntervalMs: Number(period),
    leaseExpirationMs: 3_000,
  },
})
await client.start()
console.log('started')
setInterval(() => undefined, 60_000)
