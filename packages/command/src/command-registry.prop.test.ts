import { consecutiveFailures } from '@breakwater/breaker'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instrumentsOf, world } from './command.model.js'
import { createCommand } from './command.js'
import { CommandRegistry, OTHER_KEYS } from './command-registry.js'

const steps = fc.array(
  fc.record({
    key: fc.nat(60),
    use: fc.constantFrom('look', 'succeed', 'fail'),
    afterMs: fc.constantFrom(0, 0, 0, 500, 5_000),
  }),
  { maxLength: 300, size: 'max' },
)

describe('a registry of commands', () => {
  it('S8: nobody who cycles through keys can reset a breaker that holds failures', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 40 }), async (list, max) => {
        const { clock, random, runtime } = world()
        const registry = new CommandRegistry({
          max,
          keysFromInput: true,
          define: (key) =>
            createCommand({
              name: key,
              run: (_call, isGood: boolean) => (isGood ? 'ok' : Promise.reject(new Error('down'))),
              ...{ clock, random, runtime },
              retry: false,
              breaker: { trip: consecutiveFailures(3) },
            }),
        })
        /** Failures in a row since the last success, of each command that was seen to fail. */
        const held = new Map<string, number>()
        for (const { key, use, afterMs } of list) {
          await clock.advance(afterMs)
          const command = registry.get(String(key))
          const { name, breaker } = command
          const known = held.get(name) ?? 0
          expect(breaker?.snapshot().consecutiveFailures).toBe(known)
          if (use === 'look' || breaker?.state !== 'closed') continue
          await command.outcome(use === 'succeed')
          held.set(name, use === 'succeed' ? 0 : known + 1)
        }
        expect(registry.size).toBeLessThanOrEqual(max)
      }),
      { numRuns: 60 },
    )
  })

  it.each([
    [100_000, 5],
    [5_000, 500],
  ])('S8: %d keys from input keep at most %d commands, and one for the rest', async (keys, max) => {
    const { clock, random, runtime } = world()
    const run = (_call: unknown, isGood: boolean): unknown => (isGood ? 1 : Promise.reject(new Error('down')))
    const registry = new CommandRegistry({
      max,
      keysFromInput: true,
      define: (name) => createCommand({ name, run, ...{ clock, random, runtime }, retry: false }),
    })
    let mostInstruments = 0
    let others = 0

    for (let key = 0; key < keys; key++) {
      const command = registry.get(`tenant ${String(key)}`)
      if (command.name === OTHER_KEYS) others++
      if (key % 500 === 0) await command.outcome(false)
      if (key % 1_000 === 0) mostInstruments = Math.max(mostInstruments, instrumentsOf(runtime).length)
    }

    expect(registry.size).toBe(max)
    expect(mostInstruments).toBeLessThanOrEqual((max + 1) * 3)
    expect(instrumentsOf(runtime).length).toBeLessThanOrEqual((max + 1) * 3)
    expect(runtime.dropped).toBe(0)
    // Only where all that are kept hold failures, keys have to share.
    expect(others > 0).toBe(max === 5)
  })
})
