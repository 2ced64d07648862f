// axios as you have it: with this adapter its requests go to the instances of a service, under policies.

import axios from 'axios'
import { createHttpClient } from '@breakwater/http'
import { startUsers } from './users.ts'
import type { User } from './users.ts'

const { instances, stop } = await startUsers()
const client = createHttpClient({ services: { users: { instances } } })
const api = axios.create({ baseURL: 'http://users', adapter: client.axiosAdapter() })

for (const id of ['1', '2', '3', '4']) {
  const { data } = await api.get<User>(`/users/${id}`)
  console.log('axios:      ', data.name)
}
const nobody = await api.get('/users/nobody').catch((error: unknown) => error)
console.log('axios:      ', axios.isAxiosError(nobody) && nobody.response?.status)

await client.close()
stop()
