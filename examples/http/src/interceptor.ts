// An Agent of undici as you have it: requests to services go through the policies of the client, over the connections of
// that agent; all other requests do too, but to their own hosts.

import { createHttpClient } from '@breakwater/http'
import { Agent, request } from 'undici'
import { startUsers } from './users.ts'
import type { User } from './users.ts'

const { instances, stop } = await startUsers()
const agent = new Agent({ connections: 10, keepAliveTimeout: 30_000 })
const client = createHttpClient({ services: { users: { instances } } })
const dispatcher = agent.compose(client.interceptor())

for (const id of ['1', '2', '3', '4']) {
  const { body } = await request(`http://users/users/${id}`, { dispatcher })
  console.log('interceptor:', ((await body.json()) as User).name)
}
const elsewhere = await request(`${instances[1] ?? ''}/users/5`, { dispatcher })
console.log('elsewhere:  ', ((await elsewhere.body.json()) as User).name)

await client.close()
await agent.close()
stop()
