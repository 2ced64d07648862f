/**
 * How sources are watched by what is built upon them. A source may be anybody's: what it does against its contract is reported, and costs
 * nothing but what cannot be used.
 */
import { outsideOfCalls, reportInternalError, runFenced } from '@breakwater/kernel'
import type { InstanceSource, Snapshot } from '../instance.js'
import { usableInstances } from './core/usable-instances.js'

/** What is watched, and who is named in reports. */
interface Watched {
  readonly source: InstanceSource
  readonly service: string
  readonly where: string
}

/**
 * Watches a source. The listener hears snapshots with usable instances only: the present one now, even if the source's `watch` does not tell
 * it, and nothing after the end. The returned function ends it and never throws.
 *
 * @throws what the source's `watch` throws.
 */
export function followSource(watched: Watched, listener: (snapshot: Snapshot) => void): () => void {
  let isOver = false
  let told = 0
  const hear = (given: unknown): void => {
    told++
    const snapshot = isOver ? undefined : readSnapshot(watched, given)
    if (snapshot !== undefined) listener(snapshot)
  }
  const end = beginWatch(watched, hear)
  if (told === 0) {
    const given = askSource(watched, undefined)
    if (given !== undefined) hear(given)
  }
  return () => {
    isOver = true
    end()
  }
}

/**
 * Begins a watch whose end can be called more than once and never throws.
 *
 * @throws what the source's `watch` throws.
 */
export function beginWatch(
  { source, service, where }: Watched,
  listener: (given: unknown) => void,
): () => void {
  // It may begin with a request, and goes on for others.
  const unwatch: unknown = outsideOfCalls(() => source.watch(service, listener))
  let isOver = false
  if (typeof unwatch !== 'function') {
    reportInternalError(new TypeError(`${service}: watch must return a function that ends it`), where)
    return () => {}
  }
  return () => {
    if (isOver) return
    isOver = true
    runFenced(
      () => unwatch() as unknown,
      (error) => {
        reportInternalError(error, where)
      },
    )
  }
}

/** Begins all watches or, when one throws, none. The returned function ends them all. */
export function beginAll(begins: readonly (() => () => void)[]): () => void {
  const ends: (() => void)[] = []
  const endAll = (): void => {
    for (const end of ends) end()
  }
  try {
    for (const begin of begins) ends.push(begin())
  } catch (error) {
    endAll()
    throw error
  }
  return endAll
}

/** What the source says it knows, or `otherwise` when it throws. */
export function askSource({ source, service, where }: Watched, otherwise: unknown): unknown {
  try {
    return source.snapshot(service)
  } catch (error) {
    reportInternalError(error, where)
    return otherwise
  }
}

/** What a source has published, as old as the source says that it is by now: it tells nobody of a list that it has heard again. */
export function asOfNow(watched: Watched, published: Snapshot): Snapshot {
  try {
    const { version, instances, updatedAt } = watched.source.snapshot(watched.service) ?? published
    const isSame = version === published.version || instances === published.instances
    const isNews = timeOf(updatedAt) !== undefined && !(updatedAt <= published.updatedAt)
    return isSame && isNews ? { ...published, updatedAt } : published
  } catch (error) {
    reportInternalError(error, watched.where)
    return published
  }
}

/** What a source has published, with the usable ones of its instances; `undefined` for what is no snapshot with a list. */
export function readSnapshot({ service, where }: Watched, given: unknown): Snapshot | undefined {
  try {
    const { instances: list, version, updatedAt } = (given ?? {}) as Partial<Snapshot>
    if (!Array.isArray(list)) throw new TypeError(`${service}: a snapshot must have a list of instances`)
    const { instances, refused, first } = usableInstances(list)
    if (first !== undefined) {
      const entries = refused === 1 ? '1 entry' : `${String(refused)} entries`
      const problem = `${service}: ${entries} of the list cannot be used, the first [${String(first.index)}]: ${first.problem}`
      reportInternalError(new TypeError(problem, { cause: first.cause }), where)
    }
    // Who is told of a list may want to know its age, and can do without.
    return { service, instances, version, updatedAt: timeOf(updatedAt) } as Snapshot
  } catch (error) {
    reportInternalError(error, where)
    return undefined
  }
}

function timeOf(updatedAt: unknown): number | undefined {
  return typeof updatedAt === 'number' && Number.isFinite(updatedAt) ? updatedAt : undefined
}
