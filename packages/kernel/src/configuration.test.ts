import { describe, expect, it, vi } from 'vitest'
import { Configuration } from './configuration.js'
import type { ConfigurationSource } from './configuration.js'
import { onInternalError } from './internal-errors.js'
import { createRuntime } from './runtime.js'

interface Source extends ConfigurationSource {
  readonly change: (values: Record<string, unknown>) => void
  readonly listeners: () => number
}

function source(first: Record<string, unknown>): Source {
  let values = first
  const listeners = new Set<(names: readonly string[]) => void>()
  return {
    get: (name) => values[name],
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    change: (next) => {
      values = next
      for (const listener of listeners) listener(Object.keys(next))
    },
    listeners: () => listeners.size,
  }
}

describe('configuration', () => {
  it('asks the source that was added last first', () => {
    const configuration = new Configuration()
    configuration.add(source({ a: 1, b: 1 }))
    const remove = configuration.add(source({ a: 2 }))
    expect([configuration.get('a'), configuration.get('b'), configuration.get('c')]).toEqual([
      2,
      1,
      undefined,
    ])
    remove()
    expect(configuration.get('a')).toBe(1)
  })

  it('has a version that grows with every change', () => {
    const configuration = new Configuration()
    const one = source({ a: 1 })
    const versions = [configuration.version]
    const remove = configuration.add(one)
    versions.push(configuration.version)
    one.change({ a: 2 })
    versions.push(configuration.version)
    remove()
    versions.push(configuration.version)
    remove()
    versions.push(configuration.version)
    configuration.clear()
    versions.push(configuration.version)
    expect(versions).toEqual([0, 1, 2, 3, 3, 4])
  })

  it('asks nothing of a source that cannot be listened to', () => {
    const configuration = new Configuration()
    const silent: ConfigurationSource = {
      get: () => 1,
      onChange: () => {
        throw new Error('no connection')
      },
    }

    expect(() => configuration.add(silent)).toThrow('no connection')

    expect([configuration.get('a'), configuration.version]).toEqual([undefined, 0])
  })

  it('knows a source once, however often it is added', () => {
    const configuration = new Configuration()
    const one = source({ a: 1 })
    configuration.add(one)
    const remove = configuration.add(one)
    expect(one.listeners()).toBe(1)
    remove()
    expect([configuration.get('a'), one.listeners()]).toEqual([undefined, 0])
  })

  it('is named where a listener of its own throws', () => {
    const reported = vi.fn()
    const stop = onInternalError(reported)
    const configuration = new Configuration()
    configuration.on(() => {
      throw new Error('broken')
    })

    configuration.add(source({ a: 1 }))
    stop()

    expect(reported).toHaveBeenCalledExactlyOnceWith(
      new Error('broken'),
      'configuration: listener of "change"',
    )
  })

  it('tells the listeners of its runtime, also after a dispose', () => {
    const runtime = createRuntime()
    const one = source({ a: 1 })
    runtime.configure(one)
    runtime.dispose()
    expect([one.listeners(), runtime.configuration.get('a')]).toEqual([0, undefined])
    const told: unknown[] = []
    runtime.on('configured', ({ names }) => told.push(names))
    runtime.configure(one)
    one.change({ b: 2 })
    expect(told).toEqual([undefined, ['b']])
  })
})
