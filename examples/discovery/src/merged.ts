// Several sources as one: during a move from one registry to another, the instances of both.

import { createBalancer, MergedSource, StaticSource } from '@breakwater/discovery-client'
import { shares } from './calls.ts'

const old = new StaticSource({ users: ['http://127.0.0.1:9001', 'http://127.0.0.1:9002'] })
const next = new StaticSource({ users: ['http://127.0.0.1:9002'] })
const users = createBalancer({
  source: new MergedSource([next, old]),
  service: 'users',
  strategy: 'roundRobin',
})

console.log('merged:  ', shares(users, 10))
next.set({ users: ['http://127.0.0.1:9002', 'http://127.0.0.1:9003'] })
old.set({})
console.log('moved:   ', shares(users, 10))
users.dispose()
