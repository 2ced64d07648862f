import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { arrived, testClient } from './client.model.js'

const down = { serviceUrls: ['http://127.0.0.1:1/'] }

test('a backup that is under way when the client stops is no fault', async () => {
  let asked = false
  const backupRegistry = (): Promise<never> => {
    asked = true
    return new Promise(() => undefined)
  }
  const { client, told } = testClient({ ...down, backupRegistry })
  const refused = expect(client.start()).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
  await arrived(() => asked)

  await client.stop()
  await refused

  expect(told).toMatchObject([{ event: 'error', operation: 'fetch' }])
})

test('what a backup from another realm throws is told as it is', async () => {
  const failure: unknown = runInNewContext("new Error('no disk')")
  const backupRegistry = (): Promise<never> => Promise.reject(failure)
  const { client, told } = testClient({ ...down, backupRegistry })

  await client.start()

  expect(told.find((each) => each.event === 'error' && each.operation === 'backup')).toHaveProperty(
    'error',
    failure,
  )
})
