/**
 * The names of the commands of a runtime. One name stands for one definition, so that nobody gets the numbers, or takes
 * the limits, of something else that happens to be called the same.
 */
import { InvalidOptionsError, isPlainObject } from '@breakwater/kernel'
import type { Runtime } from '@breakwater/kernel'

/** Options by which two definitions are compared. */
export type Definition = Readonly<Record<string, unknown>>

interface Claim {
  readonly definition: Definition
  /** Commands that were made of it and are not disposed of. */
  users: number
}

const names = new WeakMap<Runtime, Map<string, Claim>>()

/**
 * Takes a name for a definition; the returned function gives it back. Functions say nothing about a definition, because
 * two of the same source cannot be told from two others.
 *
 * @throws InvalidOptionsError when a command of this name, of another definition, is not disposed of yet.
 */
export function claimName(runtime: Runtime, name: string, definition: Definition): () => void {
  const claims = names.get(runtime) ?? new Map<string, Claim>()
  names.set(runtime, claims)
  const known = claims.get(name)
  const isSame = known !== undefined && isSameValue(known.definition, definition)
  if (known !== undefined && !isSame && isInUse(runtime, name))
    throw conflict(name, known.definition, definition)
  const claim: Claim = isSame ? known : { definition, users: 0 }
  claims.set(name, claim)
  claim.users++
  let isHeld = true
  return () => {
    if (!isHeld) return
    isHeld = false
    if (--claim.users === 0 && claims.get(name) === claim) claims.delete(name)
  }
}

/** What of the options of a command makes up its definition; the rest is for each call, or for the whole runtime. */
export function definitionOf(options: Definition): Definition {
  const { name, run, fallback, ignore, cacheKey, runtime, clock, random, ...definition } = options
  return { ...definition, preset: options['preset'] ?? 'standard' }
}

// A runtime that was disposed of has forgotten its commands without a word.
function isInUse(runtime: Runtime, name: string): boolean {
  return [...runtime.instruments()].some((one) => one.kind === 'command' && one.name === name)
}

function conflict(name: string, known: Definition, definition: Definition): InvalidOptionsError {
  const keys = [...new Set([...Object.keys(known), ...Object.keys(definition)])]
  const other = keys.filter((key) => !isSameValue(known[key], definition[key]))
  const issue = {
    path: 'name',
    received: name,
    expected:
      `a name that no other command of the runtime has (it differs from the first one in ${other.join(', ')}): ` +
      'to change a living command there is update(), to make it anew dispose() of the first one',
  }
  return new InvalidOptionsError('Invalid options for createCommand', { issues: [issue] })
}

/** Whether two options say the same, whatever their functions do. */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (typeof one === 'function') return typeof other === 'function'
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, at) => isSameValue(item, other[at]))
  if (!isPlainObject(one) || !isPlainObject(other)) return false
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((key) =>
    isSameValue(one[key], other[key]),
  )
}
