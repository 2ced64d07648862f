/** Which entries of a list can be used. A list may come from anybody's source, and an entry that is no instance must not cost the others. */
import type { Instance } from '../../instance.js'

const MAX_PORT = 65_535

/** What is wrong with an entry. */
interface Fault {
  readonly index: number
  readonly problem: string
  /** What it threw. */
  readonly cause: unknown
}

interface UsableInstances {
  /** Those that can be used, in their order: the list itself where all can. */
  readonly instances: readonly Instance[]
  /** How many cannot. */
  readonly refused: number
  readonly first: Fault | undefined
}

type Fields = Partial<Record<keyof Instance, unknown>>

/** As that of sources of ours: without a prototype. */
const NO_METADATA: Instance['metadata'] = Object.freeze(Object.create(null) as Record<string, string>)

/**
 * Looks at each entry once, and copies those only that have no metadata: state and addresses are kept by these very objects, and 10 000 copies or
 * looks for accessors would be felt in the time that a balancer takes for a list. O(n).
 */
export function usableInstances(list: readonly unknown[]): UsableInstances {
  // Absent for as long as it would be the beginning of the list.
  let kept: Instance[] | undefined
  let refused = 0
  let first: Fault | undefined
  for (let index = 0; index < list.length; index++) {
    const entry = list[index]
    const read = tryToRead(entry)
    if (read !== entry) kept ??= list.slice(0, index) as Instance[]
    if (read instanceof Trouble) {
      refused++
      first ??= { index, problem: read.problem, cause: read.cause }
    } else kept?.push(read)
  }
  return { instances: kept ?? (list as readonly Instance[]), refused, first }
}

class Trouble {
  readonly problem: string
  readonly cause: unknown

  constructor(problem: string, cause?: unknown) {
    this.problem = problem
    this.cause = cause
  }
}

function tryToRead(entry: unknown): Instance | Trouble {
  try {
    const read = readEntry(entry)
    return typeof read === 'string' ? new Trouble(read) : read
  } catch (cause) {
    return new Trouble('cannot be read', cause)
  }
}

/** The entry itself where nothing is missing, or what is wrong with it. Weights that are none have their remedy in a balancer. */
function readEntry(entry: unknown): Instance | string {
  if (typeof entry !== 'object' || entry === null) return 'must be an object'
  const { id, host, port, secure, zone, status, metadata, weight } = entry as Fields
  if (!isText(id)) return 'id must be a text'
  if (!isText(host)) return 'host must be a text'
  if (!isPort(port)) return `port must be a whole number from 1 to ${String(MAX_PORT)}`
  if (!isAbsentOr('boolean', secure)) return 'secure must be true or false'
  if (!isAbsentOr('string', zone)) return 'zone must be a text'
  if (!isText(status)) return 'status must be a text'
  if (!isAbsentOr('object', metadata)) return 'metadata must be an object'
  if (metadata !== undefined && metadata !== null) return entry as Instance
  const whole = { id, host, port, secure, zone: zone ?? undefined, status, metadata: NO_METADATA, weight }
  return Object.freeze(whole) as Instance
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isAbsentOr(kind: 'boolean' | 'string' | 'object', value: unknown): boolean {
  return value === undefined || value === null || typeof value === kind
}

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_PORT
}
