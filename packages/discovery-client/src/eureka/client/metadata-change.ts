/** Checks metadata that is set while the client runs, as the options check what it starts with. */
import { isPlainObject, readOptions } from '@breakwater/kernel'
import { checkMetadata } from '../core/options/text-maps.js'
import type { MetadataChange } from './local-instance.js'

const MAX_ENTRIES = 64
const MAX_CHARS = 1_024

/** A copy; throws `InvalidOptionsError` with every fault. `present` is what is changed: of more than fits together others would miss the rest. */
export function checkMetadataChange(
  change: MetadataChange,
  present: Readonly<Record<string, string>>,
): MetadataChange {
  const keys = isPlainObject(change) ? Object.keys(change) : []
  const read = readOptions('EurekaClient.updateMetadata', change, keys)
  const left = new Set(Object.keys(present))
  const entries = keys.map((key): [string, string | undefined] => {
    if (checkMetadata({ [key]: '' }) !== undefined)
      read.issue(key, key, `a key of 1 to ${String(MAX_CHARS)} printable characters, not @class`)
    const text = read.string(key, undefined, { maxLength: MAX_CHARS })
    if (text !== undefined && /\p{Cs}/u.test(text)) read.issue(key, text, 'well-formed text')
    if (text === undefined) left.delete(key)
    else left.add(key)
    return [key, text]
  })
  if (left.size > MAX_ENTRIES) read.issue('', left.size, `at most ${String(MAX_ENTRIES)} entries in all`)
  read.finish()
  return Object.fromEntries(entries)
}
