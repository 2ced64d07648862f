import { Bulkhead } from '@breakwater/breaker'
import { createRuntime } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { createCommand } from './command.js'
import type { CommandOptions } from './command-options.js'
import type { Command } from './command-shape.js'
import { faultsIn, world } from './command.model.js'

type Make = (
  name: string,
  options?: Partial<CommandOptions<[], string>>,
) => Command<[], string> & { readonly end: () => void }

/** Commands in one world whose work ends when it is told to. */
function commands(): { readonly make: Make; readonly names: (kind: string) => unknown[] } {
  const around = { ...world(), runtime: createRuntime() }
  const make: Make = (name, options) => {
    const ends: (() => void)[] = []
    const command = createCommand({
      ...{ name, ...around, pool: 'db', retry: false },
      run: () => new Promise<string>((resolve) => ends.push(() => resolve(name))),
      ...options,
    })
    return Object.assign(command, { end: () => ends.shift()?.() })
  }
  const names = (kind: string): unknown[] =>
    [...around.runtime.instruments()].filter((one) => one.kind === kind).map(({ name }) => name)
  return { make, names }
}

describe('commands of one pool', () => {
  it('run in the same slots, made by who comes first', async () => {
    const { make, names } = commands()
    using reader = make('Read', { bulkhead: { limit: 1 } })
    using writer = make('Write')

    const reading = reader.execute()
    expect(await writer.outcome()).toMatchObject({ kind: 'rejected', error: { code: 'ERR_BULKHEAD_FULL' } })
    reader.end()
    expect(await reading).toBe('Read')
    const writing = writer.execute()
    writer.end()

    expect(await writing).toBe('Write')
    expect(writer.bulkhead).toBe(reader.bulkhead)
    expect(writer.breaker).not.toBe(reader.breaker)
    expect(names('bulkhead')).toEqual(['db'])
    expect(names('command')).toEqual(['Read', 'Write'])
  })

  it('may all say the same about it, but nothing else', () => {
    const { make, names } = commands()
    using first = make('Read', { bulkhead: { limit: 3, queue: { limit: 2 } } })
    using second = make('Write', { bulkhead: { queue: { limit: 2 }, limit: 3 } })
    let error: unknown
    try {
      make('Other', { bulkhead: { limit: 4 } })
    } catch (thrown) {
      error = thrown
    }

    expect(second.bulkhead).toBe(first.bulkhead)
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTIONS', issues: [{ path: 'bulkhead' }] })
    expect(String(error)).toContain('the first command of the pool "db"')
    expect(names('command')).toEqual(['Read', 'Write'])
    // Nothing is left of the one that was refused.
    using other = make('Other')
    expect(other.bulkhead).toBe(first.bulkhead)
  })

  it('take the pool along when the last of them is disposed of', () => {
    const { make, names } = commands()
    const [first, second] = [make('Read', { bulkhead: { limit: 3 } }), make('Write')]

    first.dispose()
    first.dispose()
    expect(faultsIn(() => make('Other', { bulkhead: { limit: 4 } }))).toEqual(['bulkhead'])
    second.dispose()
    expect(names('bulkhead')).toEqual([])

    using anew = make('Other', { bulkhead: { limit: 4 } })
    expect(anew.bulkhead?.snapshot().limit).toBe(4)
  })

  it('keep to it through updates, and leave its limits to itself', () => {
    const { make } = commands()
    using reader = make('Read')
    using writer = make('Write')

    reader.update({ timeoutMs: 500, breaker: { openMs: 100 } })
    expect(reader.bulkhead).toBe(writer.bulkhead)
    expect(faultsIn(() => reader.update({ bulkhead: { limit: 1 } }))).toEqual(['bulkhead'])
    reader.bulkhead?.update({ limit: 2 })
    expect(writer.snapshot().bulkhead?.limit).toBe(2)
  })

  it('keep to it when an update says nothing special about the bulkhead', () => {
    const { make, names } = commands()
    using reader = make('Read', { bulkhead: { limit: 3 } })
    using writer = make('Write')

    reader.update({ timeoutMs: 500, bulkhead: undefined })

    expect(reader.bulkhead).toBe(writer.bulkhead)
    expect(reader.bulkhead?.snapshot().limit).toBe(3)
    expect(names('bulkhead')).toEqual(['db'])
  })

  it('are those of one runtime', () => {
    using here = commands().make('Read')
    using there = commands().make('Read', { bulkhead: { limit: 1 } })

    expect(there.bulkhead).not.toBe(here.bulkhead)
  })

  it('cannot bring a bulkhead, or do without one', () => {
    const { make } = commands()
    expect(faultsIn(() => make('Read', { bulkhead: new Bulkhead() }))).toContain('pool')
    expect(faultsIn(() => make('Read', { bulkhead: false }))).toEqual(['pool'])
    expect(faultsIn(() => make('Read', { bulkhead: { limit: -1 } }))).toEqual(['bulkhead.limit'])
    expect(faultsIn(() => make('Read', { pool: '' }))).toEqual(['pool'])
  })
})
