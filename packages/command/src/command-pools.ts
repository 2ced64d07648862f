/**
 * Bulkheads that commands share by name: all that say `pool: 'db'` in one runtime run in the same slots. Hystrix: thread
 * pools by their key.
 */
import { Bulkhead } from '@breakwater/breaker'
import type { BulkheadOptions } from '@breakwater/breaker'
import { defaultRuntime, InvalidOptionsError } from '@breakwater/kernel'
import type { Runtime } from '@breakwater/kernel'
import { isSameValue } from './command-names.js'
import type { ResolvedCommand } from './command-options.js'

interface Pool {
  readonly bulkhead: Bulkhead
  /** What the command has said about it that made it. */
  readonly definition: object
  /** Commands in it that are not disposed of. */
  users: number
}

/** A command's place in a pool. */
export interface PoolPlace {
  readonly bulkhead: Bulkhead
  /** The last one out takes the pool along. */
  leave(): void
}

const poolsOf = new WeakMap<Runtime, Map<string, Pool>>()

/**
 * The pool of a command, made by the first that names it.
 *
 * @throws InvalidOptionsError when the command says otherwise about the bulkhead of a living pool than who made it.
 */
export function joinPool(
  pool: string,
  {
    bulkhead = {},
    runtime = defaultRuntime(),
    clock,
  }: Pick<ResolvedCommand, 'bulkhead' | 'runtime' | 'clock'>,
): PoolPlace {
  const pools = poolsOf.get(runtime) ?? new Map<string, Pool>()
  poolsOf.set(runtime, pools)
  // The check of the options lets nothing but options through.
  const definition = bulkhead as BulkheadOptions
  let known = pools.get(pool)
  if (known === undefined) {
    known = { bulkhead: new Bulkhead({ runtime, clock, ...definition, name: pool }), definition, users: 0 }
    pools.set(pool, known)
  } else if (Object.keys(definition).length > 0 && !isSameValue(known.definition, definition))
    throw conflict(pool, definition)
  return placeIn(known, () => pools.delete(pool))
}

function placeIn(pool: Pool, close: () => void): PoolPlace {
  pool.users++
  let isIn = true
  return {
    bulkhead: pool.bulkhead,
    leave() {
      if (!isIn) return
      isIn = false
      if (--pool.users > 0) return
      close()
      pool.bulkhead.dispose()
    },
  }
}

function conflict(pool: string, received: object): InvalidOptionsError {
  const expected =
    `what the first command of the pool ${JSON.stringify(pool)} has said about its bulkhead, or nothing: ` +
    'to change a living pool there is update() of its bulkhead'
  return new InvalidOptionsError('Invalid options for createCommand', {
    issues: [{ path: 'bulkhead', received, expected }],
  })
}
