// fetch: the same requests to the same services, by another function.

import { createHttpClient } from '@breakwater/http'
import { startUsers } from './users.ts'
import type { User } from './users.ts'

const { instances, stop } = await startUsers()
const client = createHttpClient({ services: { users: { instances } } })
const { fetch } = client

for (const id of ['1', '2', '3', '4']) {
  const response = await fetch(`http://users/users/${id}`)
  console.log('fetch:      ', ((await response.json()) as User).name)
}

await client.close()
stop()
