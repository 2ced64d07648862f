import { expect, test } from 'vitest'
import { runSteps } from '../steps.js'
import { diffRegistries, MAX_DIFFERENCES } from './diff.js'
import { EMPTY, registryOf } from './list.model.js'

test('tells who is missing, who is too many, and who is different in what', () => {
  const ours = registryOf([
    { instanceId: 'same' },
    { instanceId: 'gone' },
    { instanceId: 'moved', status: 'DOWN', metadata: { v: '1' } },
  ])
  const server = registryOf([
    { instanceId: 'same' },
    { instanceId: 'new', app: 'B' },
    { instanceId: 'moved', port: { $: 2, '@enabled': 'true' }, metadata: { v: '2' } },
  ])

  const { differences, total } = runSteps(diffRegistries(ours, server))

  expect(total).toBe(3)
  expect(differences).toEqual([
    { app: 'A', instanceId: 'gone', kind: 'extra', fields: [], status: 'UP', serverStatus: undefined },
    {
      app: 'A',
      instanceId: 'moved',
      kind: 'different',
      fields: ['status', 'port', 'metadata'],
      status: 'DOWN',
      serverStatus: 'UP',
    },
    { app: 'B', instanceId: 'new', kind: 'missing', fields: [], status: undefined, serverStatus: 'UP' },
  ])
})

test('compares entries that could not be used by their status', () => {
  const bad = { instanceId: 'bad', hostName: 'a b' }

  const { differences } = runSteps(
    diffRegistries(registryOf([bad]), registryOf([{ ...bad, status: 'DOWN' }])),
  )

  expect(differences).toMatchObject([{ instanceId: 'bad', kind: 'different', fields: ['status'] }])
  expect(runSteps(diffRegistries(registryOf([bad]), registryOf([bad])))).toEqual({
    differences: [],
    total: 0,
  })
})

test('counts all, and tells of the first only', () => {
  const many = registryOf(Array.from({ length: 500 }, (_, at) => ({ instanceId: `i${String(at)}` })))

  const { differences, total } = runSteps(diffRegistries(many, EMPTY))

  expect([differences.length, total]).toEqual([MAX_DIFFERENCES, 500])
})
