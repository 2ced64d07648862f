// One source after the other: a list for the day on which the registry knows nobody.

import { createBalancer, FailoverSource, StaticSource } from '@breakwater/discovery-client'
import { shares } from './calls.ts'

const registry = new StaticSource({ users: ['http://127.0.0.1:9001', 'http://127.0.0.1:9002'] })
const list = new StaticSource({ users: ['http://127.0.0.1:9009'] })
const source = new FailoverSource([registry, list], { minUp: 1 })
const users = createBalancer({ source, service: 'users', strategy: 'roundRobin' })

console.log('registry:', shares(users, 10))
registry.set({})
console.log('list:    ', shares(users, 10))
registry.set({ users: ['http://127.0.0.1:9002'] })
console.log('back:    ', shares(users, 10))
users.dispose()
