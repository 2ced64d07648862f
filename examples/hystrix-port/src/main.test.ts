import { expect, it, vi } from 'vitest'

it('says what the request log of Hystrix would say', async () => {
  const said: string[] = []
  vi.spyOn(console, 'log').mockImplementation((...words) => said.push(words.join(' ')))

  await import('./main.ts')

  expect(said).toEqual([
    'one account:    owner of 17',
    'from the cache: owner of 17',
    'in one batch:   owner of 18 and owner of 19',
    'request log:    GetAccount[SUCCESS], GetAccount[SUCCESS, RESPONSE_FROM_CACHE], GetAccounts[SUCCESS, COLLAPSED]',
    'service down:   guest',
    'circuit open:   guest',
    'request log:    GetAccount[FAILURE, FALLBACK_SUCCESS], GetAccount[SHORT_CIRCUITED, FALLBACK_SUCCESS]',
  ])
})
