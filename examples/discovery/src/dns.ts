// Instances from name servers. Usage: node src/dns.ts [NAME [NAME-SERVER]], such as _users._tcp.service.consul 127.0.0.1:8600.
// Without a name it asks a resolver of its own.

import { createBalancer, DnsSource } from '@breakwater/discovery-client'
import type { DnsResolver, SrvRecord } from '@breakwater/discovery-client'
import { shares } from './calls.ts'

const [name, server] = process.argv.slice(2)
const record = (port: number, priority: number, weight: number): SrvRecord => ({
  name: 'users.test',
  port,
  priority,
  weight,
})
/** Two instances that share the calls one to three, and one for the day on which neither is there any more. */
const resolver: DnsResolver = {
  srv: () => Promise.resolve([record(9_001, 1, 10), record(9_002, 1, 30), record(9_003, 2, 1)]),
  a: () => Promise.resolve([]),
}
const source = new DnsSource(
  name === undefined
    ? { name: '_{service}._tcp.test', resolver }
    : { name, ...(server === undefined ? {} : { servers: [server] }) },
)
source.on('error', ({ error }) => {
  console.log('failed:  ', error.message)
})
await source.refresh('users')

const instances = source.snapshot('users')?.instances ?? []
console.log('DNS:     ', instances.map(({ id }) => id).join(', ') || 'nobody')
if (instances.length > 0) {
  const users = createBalancer({ source, service: 'users', strategy: 'weighted' })
  console.log('shares:  ', shares(users, 400))
  users.dispose()
}
source.dispose()
