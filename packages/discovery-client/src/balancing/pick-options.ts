/** What a caller may say about one pick. */
import { callOptionsError, readOptions } from '@breakwater/kernel'
import type { Call, CallOptions, OptionReader } from '@breakwater/kernel'

export interface PickOptions {
  /** What hashing strategies choose by: equal keys go to the same instance while it is there. */
  readonly key?: string | undefined
  /** Ids of instances not to choose, such as those already tried; not heeded when no other is in service. */
  readonly exclude?: readonly string[] | ReadonlySet<string> | undefined
  /** The call that the instance is for; strategies of your own can look at it. */
  readonly call?: Call | undefined
}

const PICK_KEYS = ['key', 'exclude', 'call'] as const
const EXECUTE_KEYS = [...PICK_KEYS, 'signal', 'budgetMs'] as const

/** Throws for what cannot be meant. Costs little when all is well. */
export function checkPickOptions(options: PickOptions): void {
  if (isFine(options, false)) return
  const read = readOptions('pick', options, PICK_KEYS)
  readPickOptions(read)
  read.finish()
}

/** As {@link checkPickOptions}, for the options of a call too. */
export function checkExecuteOptions(options: PickOptions & CallOptions): void {
  // The runner looks at what is its own.
  if (isFine(options, true)) return
  const read = readOptions('execute', options, EXECUTE_KEYS)
  readPickOptions(read)
  const call = { signal: read.value('signal'), budgetMs: read.value('budgetMs') } as CallOptions
  for (const { path, received, expected } of callOptionsError(call)?.issues ?? []) {
    read.issue(path, received, expected)
  }
  read.finish()
}

function isFine(options: unknown, isCall: boolean): boolean {
  try {
    if (typeof options !== 'object' || options === null) return false
    if (Object.getPrototypeOf(options) !== Object.prototype) return false
    const { key, exclude, call } = options as PickOptions
    if (key !== undefined && typeof key !== 'string') return false
    if (exclude !== undefined && !areIds(exclude)) return false
    if (call !== undefined && !isCallObject(call)) return false
    return areKnown(options, isCall)
  } catch {
    return false
  }
}

function readPickOptions(read: OptionReader<(typeof PICK_KEYS)[number]>): void {
  read.string('key', undefined)
  read.custom('call', undefined, (value) => (isCallObject(value) ? undefined : 'a call'))
  const exclude = read.value('exclude')
  if (exclude === undefined) return
  if (!Array.isArray(exclude) && !(exclude instanceof Set)) {
    read.issue('exclude', exclude, 'an array or a set of ids')
    return
  }
  for (const [index, id] of [...(exclude as Iterable<unknown>)].entries()) {
    if (typeof id !== 'string') read.issue(`exclude[${String(index)}]`, id, 'the id of an instance')
  }
}

function areKnown(options: object, isCall: boolean): boolean {
  for (const name in options) {
    if (name === 'key' || name === 'exclude' || name === 'call') continue
    if (!isCall || (name !== 'signal' && name !== 'budgetMs')) return false
  }
  return true
}

function areIds(exclude: unknown): boolean {
  if (!Array.isArray(exclude) && !(exclude instanceof Set)) return false
  for (const id of exclude as Iterable<unknown>) if (typeof id !== 'string') return false
  return true
}

function isCallObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
