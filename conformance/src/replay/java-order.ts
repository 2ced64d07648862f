// The order in which Hystrix hands the requests of a batch over: it keeps them in a ConcurrentHashMap, so they come out by their hash
// and not by their arrival. What a mapping does to "the last" request depends on it.

const FIRST_TABLE = 16
const LOAD = 0.75

/** The texts in the order in which `java.util.concurrent.ConcurrentHashMap` gives them back, when they were put in one after the other. */
export function javaHashOrder(texts: readonly string[]): readonly string[] {
  const mask = tableFor(texts.length) - 1
  return [...texts].sort((a, b) => (spread(a) & mask) - (spread(b) & mask))
}

function tableFor(size: number): number {
  let table = FIRST_TABLE
  while (size >= table * LOAD) table *= 2
  return table
}

/** `String.hashCode`, folded as the map does. */
function spread(text: string): number {
  let hash = 0
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0
  return hash ^ (hash >>> 16)
}
