// Changes one place in a copy of a trace, so that tests can see whether the comparison notices.

import type { Trace } from '../trace/trace.ts'

/** A change that leaves the place empty. */
export const REMOVED: unique symbol = Symbol('removed')

/** `path` as in `execs.a.events`, list places as numbers between dots; `change` gets what stands there. */
export function altered(trace: Trace, path: string, change: (old: unknown) => unknown): Trace {
  const copy: Trace = structuredClone(trace)
  const names = path.split('.')
  const last = names.pop() ?? ''
  const owner = names.reduce<unknown>((value, name) => memberOf(value, name), copy)
  if (typeof owner !== 'object' || owner === null) throw new Error(`nothing at ${path}`)
  const value = change(memberOf(owner, last))
  if (value === REMOVED) Reflect.deleteProperty(owner, last)
  else Reflect.set(owner, last, value)
  return copy
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
