// Reads a CPU profile: which share of the samples fell into which function's own code.

import type { Profiler } from 'node:inspector'

/** A function, or a part of the engine, and its share of the samples. */
export interface Place {
  /** A package of ours, `bench` (the loop and the work), `Node` or `V8`. */
  readonly room: string
  readonly name: string
  /** From 0 to 1. */
  readonly share: number
}

/** What the engine's own rooms stand for in a loop of calls. */
const ENGINE: Readonly<Record<string, string>> = {
  '(program)': 'promises and microtasks',
  '(garbage collector)': 'garbage collection',
}
/** Neither the calls nor what they need. */
const ELSEWHERE = new Set(['(root)', '(idle)', 'post'])

/** The places with their shares, the largest first. Code that is inlined counts where it is written, if the engine noted that. */
export function sharesOf({ nodes, samples = [] }: Profiler.Profile): readonly Place[] {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]))
  const hits = new Map<string, { room: string; name: string; count: number }>()
  let total = 0
  for (const id of samples) {
    const frame = byId.get(id)
    if (frame === undefined || ELSEWHERE.has(frame.functionName)) continue
    const place = placeOf(frame)
    const key = `${place.room} ${place.name}`
    const hit = hits.get(key) ?? { ...place, count: 0 }
    hit.count++
    hits.set(key, hit)
    total++
  }
  return [...hits.values()]
    .sort((a, b) => b.count - a.count)
    .map(({ room, name, count }) => ({ room, name, share: count / total }))
}

function placeOf({ functionName, url }: { functionName: string; url: string }): {
  room: string
  name: string
} {
  const part = ENGINE[functionName]
  if (part !== undefined) return { room: 'V8', name: part }
  if (url.startsWith('node:')) return { room: 'Node', name: functionName }
  const ours = /\/packages\/([\w-]+)\//.exec(url)?.[1]
  if (ours !== undefined) return { room: ours, name: functionName === '' ? 'a closure' : functionName }
  // The loops are made of text and have no file.
  if (url === '' && functionName !== '' && functionName !== 'anonymous')
    return { room: 'V8', name: functionName }
  return { room: 'bench', name: 'the loop and the work' }
}
