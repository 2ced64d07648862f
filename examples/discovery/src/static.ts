// Instances that are known beforehand, or that the application finds out by itself.

import { createBalancer, StaticSource } from '@breakwater/discovery-client'
import { shares } from './calls.ts'

const source = new StaticSource({
  users: ['http://127.0.0.1:9001', { host: '127.0.0.1', port: 9_002, weight: 3 }],
})
const users = createBalancer({ source, service: 'users', strategy: 'weighted' })

console.log('static:  ', shares(users, 400))
source.set({ users: ['http://127.0.0.1:9003'] })
console.log('replaced:', shares(users, 10))
users.dispose()
