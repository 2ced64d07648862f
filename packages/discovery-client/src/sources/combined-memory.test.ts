import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { InstanceSource, Snapshot } from '../instance.js'
import { instanceOf } from './core/read-instances.js'
import { FailoverSource } from './failover-source.js'
import { MergedSource } from './merged-source.js'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** As a registry does it: whoever is not registered has an empty list, made for who asks. */
class Registry implements InstanceSource {
  readonly given: WeakRef<object>[] = []
  private isUp = false
  private tell: () => void = () => undefined

  watch(service: string, listener: (snapshot: Snapshot) => void): () => void {
    this.tell = () => {
      listener(this.snapshot(service))
    }
    this.tell()
    return () => undefined
  }

  snapshot(service: string): Snapshot {
    const instances = this.isUp ? [instanceOf({ host: 'a', port: 1 })] : []
    const snapshot = { service, instances, version: 1, updatedAt: 0 }
    this.given.push(new WeakRef(snapshot))
    return snapshot
  }

  comes(): void {
    this.isUp = true
    this.tell()
  }
}

describe.each([
  ['a merged source', (part: InstanceSource): InstanceSource => new MergedSource([part])],
  ['a fail-over source', (part: InstanceSource): InstanceSource => new FailoverSource([part])],
])('%s', (_name, of) => {
  test('remembers no names of which its parts know nobody', async () => {
    const registry = new Registry()
    const source = of(registry)
    const told: WeakRef<object>[] = []
    const lengths = ['x', 'y', 'z'].map((name) => {
      const snapshot = source.snapshot(name)!
      told.push(new WeakRef(snapshot))
      return snapshot.instances.length
    })
    await new Promise((resolve) => setImmediate(resolve))
    gc()

    expect(lengths).toEqual([0, 0, 0])
    const held = [...registry.given, ...told].map((snapshot) => snapshot.deref())
    expect(held).toEqual(Array(6).fill(undefined))
    expect(source.snapshot('x')?.version).toBe(0)
  })

  test('tells of the first that comes where nobody was', () => {
    const registry = new Registry()
    const heard: number[][] = []
    of(registry).watch('users', ({ version, instances }) => heard.push([version, instances.length]))
    registry.comes()

    expect(heard).toEqual([
      [0, 0],
      [1, 1],
    ])
  })
})
