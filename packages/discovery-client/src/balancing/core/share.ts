/** Where a pick falls in a division of all traffic: by its key where it has one, so that equal keys fall alike, and else by chance. */
import { hashPair, hashText } from './hash.js'
import type { Question } from './question.js'

const HASHES = 2 ** 32

/** A number in [0, 1). Divisions that are to be independent of each other take different salts. */
export function fractionOf({ key, random }: Question, salt: number): number {
  return key === undefined ? random.next() : hashPair(hashText(key), salt) / HASHES
}

/** The index of the share in which a fraction falls; shares are at least 0 and sum up to 1, but for rounding. */
export function indexOfShare(shares: readonly number[], fraction: number): number {
  let below = 0
  for (let index = 0; index < shares.length; index++) {
    below += shares[index] as number
    if (fraction < below) return index
  }
  // Rounding has left a rest: it goes to the last one that has a share.
  return shares.findLastIndex((share) => share > 0)
}
