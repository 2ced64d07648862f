// Instances from Eureka, here an embedded one; the client takes the URL of any server, or of several.

import { createBalancer, EurekaClient } from '@breakwater/discovery-client'
import { EmbeddedEureka } from '@breakwater/testing'
import { shares } from './calls.ts'

const eureka = await EmbeddedEureka.start()
eureka.register({ appName: 'users', instanceId: 'users-1', port: 9_001, metadata: { zone: 'east' } })
eureka.register({ appName: 'users', instanceId: 'users-2', port: 9_002, metadata: { zone: 'west' } })

const client = new EurekaClient({ serviceUrls: [eureka.url] })
await client.start()
const users = createBalancer({ source: client, service: 'users', strategy: 'roundRobin' })
const zones = client.snapshot('users')?.instances.map(({ id, zone }) => `${id} in ${zone ?? 'no zone'}`)

// In no fixed order: clients shuffle them, so that not all begin with the same one.
console.log('Eureka:  ', zones?.sort().join(', '))
console.log('shares:  ', shares(users, 10))
eureka.setStatus('users-1', 'OUT_OF_SERVICE')
// It asks by itself, every 30 s.
await client.refresh()
console.log('one out: ', shares(users, 10))

users.dispose()
await client.stop()
await eureka.stop()
