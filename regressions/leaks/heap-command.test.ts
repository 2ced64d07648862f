/**
 * A command lives as long as its process, so whatever its meter, its ledger or its listeners kept would never go.
 */
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { bytesEach, failOnWarnings, MAX_BYTES_EACH } from './leaks.model.js'
import { loadOf, WAYS } from './loads.model.js'
import type { Way } from './loads.model.js'
import { commandFor, commandOf } from './targets.model.js'

failOnWarnings()

test.each(Object.keys(WAYS) as Way[])('a command keeps nothing of a call: %s', async (way) => {
  const clock = new SimClock()

  const load = loadOf(commandFor(way, clock), () => WAYS[way](clock))

  expect(await bytesEach(load)).toBeLessThanOrEqual(MAX_BYTES_EACH)
})

test('a command keeps nothing of a life that is over', async () => {
  const clock = new SimClock()

  const load = async (count: number): Promise<void> => {
    for (let life = 0; life < count; life++) {
      const command = commandOf('success', clock)
      command.on('execution', () => undefined)
      await command.execute(() => 'up')
      command.dispose()
    }
  }

  expect(await bytesEach(load, 500)).toBeLessThanOrEqual(MAX_BYTES_EACH)
})
