/**
 * Options over options: the user's over those of a preset, an update's over those before. The options of policies are
 * merged key by key; everything else (numbers, rules, back-offs, policies to share) replaces what was there.
 */
import { isPlainObject } from '@breakwater/kernel'
import type { OptionIssue } from '@breakwater/kernel'

/** Options as given, copied. */
export type Given = Readonly<Record<string, unknown>>

/** Which keys hold options themselves. */
interface Shape {
  readonly [key: string]: Shape
}

const COMMAND_SHAPE: Shape & Record<'rate' | 'breaker' | 'bulkhead' | 'retry' | 'hedge', Shape> = {
  breaker: { probes: {}, ramp: {} },
  bulkhead: { queue: {} },
  rate: { queue: {}, warmUp: {} },
  retry: {},
  hedge: {},
}

/**
 * A copy of a command's options and of the options inside, each property read once. What is no plain object stays as
 * it is, for the check to refuse; a property that cannot be read becomes an issue.
 */
export function copyOptions(options: unknown, issues: OptionIssue[]): unknown {
  return copy(options, { shape: COMMAND_SHAPE, path: '', issues })
}

/** `top` over `base`, of commands. In `top`, `undefined` takes a key away, since it means "default". */
export function mergeOptions(base: Given, top: Given): Given {
  return merge(base, top, COMMAND_SHAPE)
}

/** `top` over `base`, of the policy at `key`. */
export function overPreset<T extends object>(key: 'breaker' | 'retry', base: T, top: T): T {
  // The values of both are those of `T`, key by key.
  return merge(base, top, COMMAND_SHAPE[key]) as T
}

interface Place {
  readonly shape: Shape
  readonly path: string
  readonly issues: OptionIssue[]
}

function copy(value: unknown, { shape, path, issues }: Place): unknown {
  if (!isPlainObject(value)) return value
  const entries: [string, unknown][] = []
  for (const key of Object.keys(value)) {
    const inner = Object.hasOwn(shape, key) ? shape[key] : undefined
    const at = `${path}${key}`
    try {
      const found = value[key]
      entries.push([key, inner === undefined ? found : copy(found, { shape: inner, path: `${at}.`, issues })])
    } catch {
      issues.push({ path: at, received: undefined, expected: 'a readable value' })
    }
  }
  // `fromEntries` defines properties: one named __proto__ stays a property.
  return Object.fromEntries(entries)
}

function merge(base: object, top: object, shape: Shape): Given {
  const merged = new Map<string, unknown>(Object.entries(base))
  for (const [key, value] of Object.entries(top) as [string, unknown][]) {
    const inner = Object.hasOwn(shape, key) ? shape[key] : undefined
    const before = merged.get(key)
    if (value === undefined) merged.delete(key)
    else if (inner === undefined || !isPlainObject(value)) merged.set(key, value)
    else merged.set(key, merge(isPlainObject(before) ? before : {}, value, inner))
  }
  return Object.fromEntries(merged)
}
