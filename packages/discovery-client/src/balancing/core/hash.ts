/**
 * Hashes of 32 bits for choosing by key. Every process, in every release, must choose alike, so these never change. Not
 * fit against keys that an adversary picks in order to load one instance.
 */

/** FNV-1a over the UTF-16 units of the text, stirred so that close texts lie far apart. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return stir(hash)
}

/** The hash of a hash and a number. */
export function hashPair(hash: number, number: number): number {
  return stir(hash ^ Math.imul(number + 1, 0x9e3779b1))
}

/** The finalizer of MurmurHash3 (Austin Appleby): each bit of the input turns each of the output in half of the cases. */
function stir(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
