/**
 * What sources of several sources share: the snapshots of the parts are combined when somebody asks, so nothing has to be watched
 * for those who only ask, and a combination is as fresh as its parts.
 */
import { invalidArgument, reportInternalError, runFenced } from '@breakwater/kernel'
import type { Instance, InstanceSource, Snapshot } from '../instance.js'
import { isSameList } from './core/same-list.js'
import { sourceProblem } from './source-options.js'
import { askSource, beginAll, beginWatch, readSnapshot } from './watching.js'

/** What the parts know of one service. */
export type Parts = readonly (Snapshot | undefined)[]

/** A list, and when it was last heard of. */
export type Combination = Pick<Snapshot, 'instances' | 'updatedAt'>

interface Made {
  readonly parts: Parts
  readonly snapshot: Snapshot
}

/** One of the sources, and what it last said of each service. */
interface Part {
  readonly source: InstanceSource
  readonly where: string
  readonly said: Map<string, Said>
}

interface Said {
  readonly given: unknown
  /** What could be used of it, or of what was said before. */
  readonly snapshot: Snapshot | undefined
}

/** The version of a list in which nobody has ever been: it is not remembered. */
const UNKNOWN = 0

export abstract class CombinedSource implements InstanceSource {
  private readonly name: string
  private readonly parts: readonly Part[]
  private readonly made = new Map<string, Made>()

  constructor(name: string, sources: readonly InstanceSource[]) {
    const isList = Array.isArray(sources) && sources.length > 0
    if (!isList)
      throw invalidArgument(name, { path: 'sources', received: sources, expected: 'a list of sources' })
    this.name = name
    this.parts = Object.freeze(
      sources.map((source, index): Part => {
        const path = `sources[${String(index)}]`
        const expected = isObject(source) ? sourceProblem(source) : 'a source of instances'
        if (expected !== undefined) throw invalidArgument(name, { path, received: source, expected })
        return { source, where: `${path} of a ${name}`, said: new Map() }
      }),
    )
  }

  /** Combines; `undefined` while nothing is known. Takes and gives lists without changing them. */
  protected abstract combine(parts: Parts): Combination | undefined

  snapshot(service: string): Snapshot | undefined {
    const parts = this.parts.map((part) => ask(part, service))
    const before = this.made.get(service)
    if (before !== undefined && parts.every((part, index) => part === before.parts[index]))
      return before.snapshot
    const combined = this.combine(parts)
    if (combined === undefined) return before?.snapshot
    const snapshot = follow(service, before?.snapshot, combined)
    if (snapshot.version !== UNKNOWN) this.made.set(service, { parts, snapshot })
    return snapshot
  }

  watch(service: string, listener: (snapshot: Snapshot) => void): () => void {
    let told: number | undefined
    let isOver = false
    const tell = (): void => {
      const snapshot = isOver ? undefined : this.snapshot(service)
      if (snapshot === undefined || snapshot.version === told) return
      told = snapshot.version
      // Parts may be anybody's, and not fence it.
      runFenced(
        () => listener(snapshot),
        (error) => {
          reportInternalError(error, `${this.name}.watch`)
        },
      )
    }
    const end = beginAll(this.parts.map((part) => () => beginWatch({ ...part, service }, tell)))
    // Of what parts know that did not tell it.
    tell()
    return () => {
      isOver = true
      end()
    }
  }
}

/** What a part knows; its last good list for as long as it gives nothing that can be used. */
function ask(part: Part, service: string): Snapshot | undefined {
  const before = part.said.get(service)
  const watched = { ...part, service }
  const given = askSource(watched, before?.given)
  if (before !== undefined && given === before.given) return before.snapshot
  const snapshot = given === undefined ? undefined : (readSnapshot(watched, given) ?? before?.snapshot)
  // Names of which nothing is known may be any number, and a registry says that each of them has nobody.
  if (given === undefined || (before === undefined && isEmpty(given))) part.said.delete(service)
  else part.said.set(service, { given, snapshot })
  return snapshot
}

function isEmpty(given: unknown): boolean {
  try {
    const { instances } = given as Partial<Snapshot>
    return Array.isArray(instances) && instances.length === 0
  } catch {
    return false
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
  const isUnknown = before === undefined && instances.length === 0
  const isSame = before !== undefined && isSameList(before.instances, instances)
  const version = isUnknown ? UNKNOWN : isSame ? before.version : (before?.version ?? UNKNOWN) + 1
  const list = isSame ? before.instances : Object.freeze([...instances])
  return Object.freeze({ service, instances: list, version, updatedAt })
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
