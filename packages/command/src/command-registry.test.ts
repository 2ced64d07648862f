import '@breakwater/testing/vitest'
import { describe, expect, it } from 'vitest'
import { createCommand } from './command.js'
import { faultsIn, instrumentsOf, never, world } from './command.model.js'
import { CommandRegistry, OTHER_KEYS } from './command-registry.js'
import { keep } from './command-registry.model.js'

describe('a registry of commands', () => {
  it('makes one command for each key', async () => {
    const { registry, made } = keep(3)

    expect(registry.get('a')).toBe(registry.get('a'))
    expect(await registry.get('b').execute()).toBe('b')

    expect(made).toEqual(['a', 'b'])
    expect(registry.size).toBe(2)
  })

  it('keeps 500 commands by default, and refuses one key more', () => {
    const { registry } = keep(500, {}, false)
    const around = world()
    const byDefault = new CommandRegistry({
      define: (key) => createCommand({ name: key, run: never, ...around }),
    })

    for (const kept of [registry, byDefault]) {
      for (let key = 0; key < 500; key++) kept.get(String(key))
      expect(faultsIn(() => kept.get('one too many'))).toEqual(['key'])
      expect(kept.get('0').name).toBe('0')
      expect(kept.size).toBe(500)
    }
  })

  it('makes room by the key that was used longest ago, when keys come from input', () => {
    const { registry, runtime, made } = keep(2)

    registry.get('a')
    registry.get('b')
    registry.get('a')
    registry.get('c')

    expect(instrumentsOf(runtime).filter((name) => name.startsWith('command'))).toEqual([
      'command a',
      'command c',
    ])
    registry.get('b')
    expect(made).toEqual(['a', 'b', 'c', 'b'])
  })

  it('shares one command among all keys for which there is no room', async () => {
    const { registry, runtime } = keep(1)
    await registry.get('held').outcome('bad')

    expect(registry.get('x')).toBe(registry.get('y'))
    expect(registry.get(OTHER_KEYS)).toBe(registry.get('x'))

    expect(registry.size).toBe(1)
    expect(instrumentsOf(runtime)).toHaveLength(2 * 3)
  })

  it('finds an idle command behind more busy ones than it looks at once', async () => {
    const { registry } = keep(100)
    for (let key = 0; key < 99; key++) await registry.get(`busy ${String(key)}`).outcome('bad')
    registry.get('idle')

    const names = Array.from({ length: 4 }, (_, index) => registry.get(`new ${String(index)}`).name)

    expect(names).toEqual([OTHER_KEYS, OTHER_KEYS, OTHER_KEYS, 'new 3'])
  })

  it.each([
    { asked: 'a', what: 'itself', max: 2, keysFromInput: true, kept: ['a'] },
    { asked: 'b', what: 'one more than fit', max: 1, keysFromInput: true, kept: ['a'] },
    { asked: 'b', what: 'one more than fit, by code', max: 1, keysFromInput: false, kept: ['b'] },
  ])('keeps its bound when the definition of a key asks for $what', ({ asked, max, keysFromInput, kept }) => {
    const around = world()
    let isFirst = true
    const registry: CommandRegistry<[], never> = new CommandRegistry({
      max,
      keysFromInput,
      define: (name) => {
        if (isFirst) {
          isFirst = false
          registry.get(asked)
        }
        return createCommand({ name, run: never, ...around })
      },
    })

    if (keysFromInput) expect(registry.get('a')).toBe(registry.get('a'))
    else expect(faultsIn(() => registry.get('a'))).toEqual(['key'])

    const commands = instrumentsOf(around.runtime).filter((name) => name.startsWith('command'))
    expect(commands).toEqual(kept.map((name) => `command ${name}`))
    expect(registry.size).toBe(1)
  })

  it('disposes of all commands, and begins anew', async () => {
    const { registry, runtime } = keep(1)
    await registry.get('held').outcome('bad')
    registry.get('shared')

    registry.dispose()

    expect(instrumentsOf(runtime)).toEqual([])
    expect(registry.size).toBe(0)
    expect(registry.get('new').name).toBe('new')
    registry[Symbol.dispose]()
    expect(instrumentsOf(runtime)).toEqual([])
  })

  it.each<[string[], object]>([
    [['define'], {}],
    [['define'], { define: 5 }],
    [['max'], { define: never, max: 0 }],
    [['max'], { define: never, max: 10_001 }],
    [['max', 'keysFromInput'], { define: never, max: '5', keysFromInput: 'yes' }],
    [['maximum'], { define: never, maximum: 5 }],
  ])('K6: names the faults %j', (paths, options) => {
    expect(faultsIn(() => new CommandRegistry(options as never))).toEqual(paths)
  })

  it.each([undefined, null, 5, {}, Symbol('key')])('refuses %s as a key', (key) => {
    expect(faultsIn(() => keep(1).registry.get(key as never))).toEqual(['key'])
  })

  it.each([undefined, {}, { execute: never }])('refuses %j as a command, and keeps nothing', (command) => {
    const registry = new CommandRegistry({ define: () => command as never })

    expect(faultsIn(() => registry.get('a'))).toEqual(['define'])
    expect(registry.size).toBe(0)
  })
})
