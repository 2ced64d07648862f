import { expect, test, vi } from 'vitest'
// Loaded beforehand: the time of the test is for the requests.
import '@breakwater/http'
import 'axios'
import 'undici'

test('each program gets its answers, though one of two instances is not there', async () => {
  const said: string[] = []
  vi.spyOn(console, 'log').mockImplementation((...words) => said.push(words.join(' ')))

  await import('./main.ts')

  const users = [1, 2, 3, 4].map((id) => `user ${String(id)}`)
  expect(said).toEqual([
    ...users.map((user) => `fetch:       ${user}`),
    ...users.map((user) => `interceptor: ${user}`),
    'elsewhere:   user 5',
    ...users.map((user) => `axios:       ${user}`),
    'axios:       404',
  ])
})
