/**
 * Names as label values: any text, but never too long, never ill-formed, and never the same for two names. A value that
 * had to be altered carries a digest of the whole name.
 */

/** The value that stands for all names that are too many. */
export const OVERFLOW_LABEL = '__other__'

/** Label values are at most so long, in UTF-16 units. */
export const MAX_LABEL_LENGTH = 128

/** A name that looks like an altered one is altered too: so the two kinds cannot meet. */
const ALTERED = /~[0-9a-f]{16}$/
const DIGEST_LENGTH = 17

/** The label value for a name. */
export function labelValue(name: string): string {
  // In UTF-8 all lone surrogates would become the same replacement character.
  const wellFormed = name.toWellFormed()
  const fits = wellFormed.length <= MAX_LABEL_LENGTH && wellFormed === name
  if (fits && name !== OVERFLOW_LABEL && !ALTERED.test(name)) return name
  // The cut may leave half a character.
  const kept = wellFormed.slice(0, MAX_LABEL_LENGTH - DIGEST_LENGTH).replace(/\p{Surrogate}/u, '')
  return `${kept}~${digest(name)}`
}

/** 64 bits in hexadecimal, of two independent multiplicative hashes (FNV-1a over UTF-16 units). */
function digest(text: string): string {
  let one = 0x811c9dc5
  let two = 0x9747b28c
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    one = Math.imul(one ^ unit, 0x01000193)
    two = Math.imul(two ^ (unit + index), 0x85ebca6b)
  }
  return hex(one) + hex(two ^ (two >>> 15))
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
