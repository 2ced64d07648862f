/**
 * One breaker for each host or tenant, by keys that come from input: the maps of fedify-dev/fedify#916,
 * openclaw#105316, worldmonitor#1873 and OmniRoute#4114 grew for ever, and where a full map throws out whoever was used
 * longest ago, a caller who goes through many keys resets a breaker at will (blockful/anticapture#2148).
 */
import '@breakwater/testing/vitest'
import { consecutiveFailures } from '@breakwater/breaker'
import { CommandRegistry, createCommand } from '@breakwater/command'
import type { Command } from '@breakwater/command'
import { createRuntime } from '@breakwater/kernel'
import type { Runtime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { failing } from '../calls.model.js'

function byTenant(runtime: Runtime, clock: SimClock): CommandRegistry<[], never> {
  const define = (name: string): Command<[], never> =>
    createCommand({
      name,
      run: failing,
      retry: false,
      breaker: { trip: consecutiveFailures(1), openMs: 60_000 },
      ...{ runtime, clock },
    })
  return new CommandRegistry({ define, max: 10, keysFromInput: true })
}

test('ten thousand keys later, an open breaker is as open as before, and no more than allowed are kept', async () => {
  const runtime = createRuntime()
  const tenants = byTenant(runtime, new SimClock())
  await tenants.get('down').outcome()

  for (let key = 0; key < 10_000; key++) tenants.get(`tenant ${String(key)}`)

  expect(tenants.get('down').breaker).toBeOpen()
  expect(await tenants.get('down').outcome()).toHaveOutcome('rejected')
  expect(tenants.size).toBe(10)
  expect([...runtime.instruments()].filter(({ kind }) => kind === 'command')).toHaveLength(10)
})

test('while all that are kept hold failures, further keys share one command', async () => {
  const runtime = createRuntime()
  const tenants = byTenant(runtime, new SimClock())
  for (let key = 0; key < 10; key++) await tenants.get(`down ${String(key)}`).outcome()

  expect(tenants.get('eleventh')).toBe(tenants.get('twelfth'))

  expect(tenants.size).toBe(10)
  for (let key = 0; key < 10; key++) expect(tenants.get(`down ${String(key)}`).breaker).toBeOpen()
})
