// Ways to ask one of many instances: Breakwater's client, undici's own balancing, and what one writes oneself.

import { StaticSource } from '@breakwater/discovery-client'
import { createHttpClient } from '@breakwater/http'
import CircuitBreaker from 'opossum'
import { Agent, BalancedPool, request } from 'undici'
import type { Dispatcher } from 'undici'

/** Sends one request; whether it was answered well and in time. */
export type Ask = () => Promise<boolean>

type Make = (origins: readonly string[]) => Ask

/** All that a caller waits for. */
export const TIMEOUT_MS = 2_000

const CLIENTS: Readonly<Record<string, Make>> = {
  'breakwater client': (origins) => breakwater(origins, {}),
  'breakwater client, hedged': (origins) => breakwater(origins, { preset: 'hedged' }),
  'hand-written round robin': (origins) => {
    const dispatcher = new Agent()
    const next = inTurn(origins)
    return () => isGood(next(), dispatcher)
  },
  'undici BalancedPool': (origins) => {
    const pool = new BalancedPool([...origins])
    return () => isGood(origins[0] ?? '', pool)
  },
  'opossum for the service': (origins) => {
    const dispatcher = new Agent()
    const next = inTurn(origins)
    const breaker = new CircuitBreaker(async () => failing(await isGood(next(), dispatcher)), {
      timeout: TIMEOUT_MS,
    })
    return () => breaker.fire().then(isTrue, isFalse)
  },
  'opossum for each instance': (origins) => {
    const dispatcher = new Agent()
    const breakers = origins.map(
      (origin) =>
        new CircuitBreaker(async () => failing(await isGood(origin, dispatcher)), { timeout: TIMEOUT_MS }),
    )
    const next = inTurn(breakers)
    // What a careful programmer does: the next one whose circuit is closed.
    return () => {
      let breaker = next()
      for (let tries = 1; breaker.opened && tries < breakers.length; tries++) breaker = next()
      return breaker.fire().then(isTrue, isFalse)
    }
  },
}

/** A way to ask by the name that tables use. Throws when there is none. */
export function askerOf(name: string, origins: readonly string[]): Ask {
  const make = CLIENTS[name]
  if (make === undefined) throw new Error(`no client called ${name}`)
  return make(origins)
}

/** With the time limit that all have, of which an attempt may take a quarter: for who waits for one attempt only, no time is left for another. */
function breakwater(origins: readonly string[], options: { readonly preset?: 'hedged' }): Ask {
  const source = new StaticSource({ users: [...origins] })
  const client = createHttpClient({
    source,
    timeoutMs: TIMEOUT_MS,
    attemptTimeoutMs: TIMEOUT_MS / 4,
    ...options,
  })
  return async () => {
    try {
      const { statusCode, body } = await client.request('http://users/42')
      await body.dump()
      return statusCode === 200
    } catch {
      return false
    }
  }
}

async function isGood(origin: string, dispatcher: Dispatcher): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const { statusCode, body } = await request(`${origin}/42`, { dispatcher, signal })
    await body.dump()
    return statusCode === 200
  } catch {
    return false
  }
}

/** opossum counts what is thrown. */
function failing(good: boolean): boolean {
  if (!good) throw new Error('failed')
  return good
}

function inTurn<T>(all: readonly T[]): () => T {
  let turn = 0
  return () => {
    const one = all[turn++ % all.length]
    if (one === undefined) throw new Error('there is nobody')
    return one
  }
}

const isTrue = (): boolean => true
const isFalse = (): boolean => false
