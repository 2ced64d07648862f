/** Where code of the user runs in a realm of its own, as under some test runners, its errors are errors all the same. */
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { ConsulSource } from './consul-source.js'
import { DnsSource } from './dns-source.js'

const failure = runInNewContext("new Error('of another realm')") as Error

test('what a resolver rejects with is told as it is', async () => {
  const rejects = (): Promise<never> => Promise.reject(failure)
  using source = new DnsSource({
    name: '{service}.test',
    type: 'SRV',
    resolver: { srv: rejects, a: rejects },
  })
  const errors: Error[] = []
  source.on('error', ({ error }) => errors.push(error))

  await source.refresh('users')

  expect(errors[0]).toBe(failure)
})

test('what the function for the token throws is told as it is', async () => {
  const token = (): never => {
    throw failure
  }
  using source = new ConsulSource({ url: 'http://127.0.0.1:1/', token })
  const errors: Error[] = []
  source.on('error', ({ error }) => errors.push(error))

  await source.ready('users')

  expect(errors).toEqual([failure])
})
