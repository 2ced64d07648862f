/** Checks metadata that is set while the client runs, as the options check what it starts with. */
import { readOptions } from '@breakwater/kernel'
import type { MetadataChange } from './local-instance.js'

const MAX_ENTRIES = 64
const MAX_CHARS = 1_024

/** A copy; throws `InvalidOptionsError` with every fault. */
export function checkMetadataChange(change: MetadataChange): MetadataChange {
  const keys = Object.keys(Object(change) as object)
  const read = readOptions('EurekaClient.updateMetadata', change, keys)
  if (keys.length > MAX_ENTRIES) read.issue('', keys.length, `at most ${String(MAX_ENTRIES)} entries`)
  const entries = keys.slice(0, MAX_ENTRIES).map((key): [string, string | undefined] => {
    if (key === '' || key.length > MAX_CHARS)
      read.issue(key, key, `a key of 1 to ${String(MAX_CHARS)} characters`)
    return [key, read.string(key, undefined, { maxLength: MAX_CHARS })]
  })
  read.finish()
  return Object.fromEntries(entries)
}
