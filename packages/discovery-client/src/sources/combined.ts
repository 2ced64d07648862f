/**
 * What sources of several sources share: the snapshots of the parts are combined when somebody asks, so nothing has to be watched
 * for those who only ask, and a combination is as fresh as its parts.
 */
import { invalidArgument } from '@breakwater/kernel'
import type { Instance, InstanceSource, Snapshot } from '../instance.js'
import { isSameList } from './core/same-list.js'
import { sourceProblem } from './source-options.js'

/** What the parts know of one service. */
export type Parts = readonly (Snapshot | undefined)[]

/** A list, and when it was last heard of. */
export type Combination = Pick<Snapshot, 'instances' | 'updatedAt'>

interface Made {
  readonly parts: Parts
  readonly snapshot: Snapshot
}

export abstract class CombinedSource implements InstanceSource {
  private readonly sources: readonly InstanceSource[]
  private readonly made = new Map<string, Made>()

  constructor(name: string, sources: readonly InstanceSource[]) {
    const isList = Array.isArray(sources) && sources.length > 0
    if (!isList)
      throw invalidArgument(name, { path: 'sources', received: sources, expected: 'a list of sources' })
    sources.forEach((source, index) => {
      const expected = isObject(source) ? sourceProblem(source) : 'a source of instances'
      if (expected === undefined) return
      throw invalidArgument(name, { path: `sources[${String(index)}]`, received: source, expected })
    })
    this.sources = Object.freeze([...sources])
  }

  /** Combines; `undefined` while nothing is known. Takes and gives lists without changing them. */
  protected abstract combine(parts: Parts): Combination | undefined

  snapshot(service: string): Snapshot | undefined {
    const parts = this.sources.map((source) => source.snapshot(service))
    const before = this.made.get(service)
    if (before !== undefined && parts.every((part, index) => part === before.parts[index]))
      return before.snapshot
    const combined = this.combine(parts)
    if (combined === undefined) return before?.snapshot
    const snapshot = follow(service, before?.snapshot, combined)
    this.made.set(service, { parts, snapshot })
    return snapshot
  }

  watch(service: string, listener: (snapshot: Snapshot) => void): () => void {
    let told: number | undefined
    const tell = (): void => {
      const snapshot = this.snapshot(service)
      if (snapshot === undefined || snapshot.version === told) return
      told = snapshot.version
      listener(snapshot)
    }
    const unwatch = this.sources.map((source) => source.watch(service, tell))
    return () => {
      for (const stop of unwatch) stop()
    }
  }
}

/** All instances of the parts that are known; of equal ids the first. */
export function unionOf(parts: Parts): readonly Instance[] {
  const byId = new Map<string, Instance>()
  for (const instance of parts.flatMap((part) => part?.instances ?? [])) {
    if (!byId.has(instance.id)) byId.set(instance.id, instance)
  }
  return [...byId.values()]
}

function follow(service: string, before: Snapshot | undefined, next: Combination): Snapshot {
  const { instances, updatedAt } = next
  const isSame = before !== undefined && isSameList(before.instances, instances)
  const version = isSame ? before.version : (before?.version ?? 0) + 1
  const list = isSame ? before.instances : Object.freeze([...instances])
  return Object.freeze({ service, instances: list, version, updatedAt })
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
