/** Whether two lists of instances say the same, so that nobody is woken by news that are none. */
import type { Instance } from '../../instance.js'

type Lists = ReadonlyMap<string, readonly Instance[]>

/** Order counts: some strategies go by it. */
export function isSameList(one: readonly Instance[], other: readonly Instance[]): boolean {
  return (
    one === other ||
    (one.length === other.length &&
      one.every((instance, index) => isSame(instance, other[index] as Instance)))
  )
}

/** The same for the lists of several services. */
export function areSameLists(one: Lists, other: Lists): boolean {
  if (one.size !== other.size) return false
  for (const [service, list] of one) {
    const another = other.get(service)
    if (another === undefined || !isSameList(list, another)) return false
  }
  return true
}

function isSame(one: Instance, other: Instance): boolean {
  return (
    one === other ||
    (one.id === other.id &&
      one.host === other.host &&
      one.port === other.port &&
      one.secure === other.secure &&
      one.zone === other.zone &&
      one.status === other.status &&
      one.weight === other.weight &&
      isSameText(one.metadata, other.metadata))
  )
}

function isSameText(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key])
}
