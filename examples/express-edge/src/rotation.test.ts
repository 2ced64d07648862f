import type { Instance } from '@breakwater/discovery-client'
import { NoInstancesError } from '@breakwater/kernel'
import { beforeEach, expect, test } from 'vitest'
import { Rotation } from './rotation.ts'

let now = 0
let known: readonly Instance[] = []
let users: Rotation

beforeEach(() => {
  now = 10_000
  known = [instance('a'), instance('b'), instance('c')]
  users = new Rotation({
    source: { instances: (service) => (service === 'users' ? known : []) },
    service: 'users',
    now: () => now,
  })
})

test('takes the instances in turn', async () => {
  expect(await calls(7)).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a'])
})

test('rejects as the work does', async () => {
  const problem = new Error('refused')

  await expect(users.execute(() => Promise.reject(problem))).rejects.toBe(problem)
})

test('passes over who has just failed, and comes back to it', async () => {
  await fail()
  expect(await calls(4)).not.toContain('a')

  now += 500
  expect(await calls(3)).toContain('a')
})

test('goes on when all have failed, with the one whose failure is longest ago', async () => {
  for (let count = 0; count < known.length; count++) {
    await fail()
    now += 10
  }

  expect(await calls(1)).toEqual(['a'])
  await fail()
  expect(await calls(1)).toEqual(['b'])
})

test('follows the registry at once', async () => {
  await calls(2)
  known = [instance('d')]

  expect(await calls(2)).toEqual(['d', 'd'])
})

test('says so when there is nobody', async () => {
  known = []

  await expect(calls(1)).rejects.toBeInstanceOf(NoInstancesError)
})

async function calls(count: number): Promise<string[]> {
  const chosen: string[] = []
  for (let call = 0; call < count; call++) {
    chosen.push(await users.execute(({ id }) => Promise.resolve(id)))
  }
  return chosen
}

async function fail(): Promise<void> {
  await expect(users.execute(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
}

function instance(id: string): Instance {
  return { id, host: '127.0.0.1', port: 9_000, secure: false, status: 'UP', metadata: {}, weight: 1 }
}
