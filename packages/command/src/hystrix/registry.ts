/**
 * The names of a runtime: which commands and thread pools there are, and which plugins look on at all of them.
 */
import { InvalidOptionsError, readOptions } from '@breakwater/kernel'
import type { OptionIssue, Runtime } from '@breakwater/kernel'
import { claimName } from '../command-names.js'
import { CommandKey } from './command-key.js'
import type { KeyDefinition } from './command-key.js'
import type { HystrixPlugin } from './hooks.js'
import { readPlugin } from './read-options.js'
import { ThreadPool } from './thread-pool.js'
import type { PoolDefinition } from './thread-pool.js'

/** The commands, pools and plugins of one runtime. */
export class HystrixRegistry {
  /** A new list after each change. */
  plugins: readonly HystrixPlugin[] = []
  private readonly keys = new Map<string, CommandKey>()
  private readonly pools = new Map<string, ThreadPool>()
  /** How their names are given back. */
  private readonly releases = new Map<CommandKey, () => void>()
  private readonly definitions = new Map<CommandKey | ThreadPool, string>()

  /**
   * The shared part of a name and its pool, for one more user.
   *
   * @throws InvalidOptionsError when either is there with other contents, unless the line keeps the first definition.
   */
  use(
    definition: KeyDefinition,
    pool: PoolDefinition,
  ): { readonly key: CommandKey; readonly pool: ThreadPool } {
    const known = this.keys.get(definition.key)
    const { keepsFirstDefinition } = definition.line
    if (!keepsFirstDefinition) this.check(definition, pool)
    const usedKey = known ?? this.makeKey(definition)
    usedKey.users++
    return { key: usedKey, pool: this.usePool(pool) }
  }

  /** The pool of a key, for one more user; the first one makes it. */
  usePool(pool: PoolDefinition): ThreadPool {
    const known = this.pools.get(pool.key)
    const used = known ?? new ThreadPool(pool)
    if (known === undefined) this.keep(this.pools, pool.key, used, JSON.stringify(sorted(pool.given)))
    used.users++
    return used
  }

  /** A user of all of them has gone; the last one takes them along. */
  leave(key: CommandKey, pools: Iterable<ThreadPool>): void {
    if (--key.users === 0) {
      this.keys.delete(key.definition.key)
      this.definitions.delete(key)
      key.dispose()
      this.releases.get(key)?.()
      this.releases.delete(key)
    }
    for (const pool of pools) this.leavePool(pool)
  }

  private leavePool(pool: ThreadPool): void {
    if (--pool.users > 0) return
    this.pools.delete(pool.key)
    this.definitions.delete(pool)
    pool.bulkhead.dispose()
  }

  private makeKey(definition: KeyDefinition): CommandKey {
    const release = takeName(definition)
    const key = new CommandKey(definition)
    this.keep(this.keys, definition.key, key, textOf(definition))
    this.releases.set(key, release)
    return key
  }

  private check(definition: KeyDefinition, pool: PoolDefinition): void {
    const issues: OptionIssue[] = []
    const known = this.keys.get(definition.key)
    const knownPool = this.pools.get(pool.key)
    if (known !== undefined && this.definitions.get(known) !== textOf(definition))
      issues.push({
        path: 'name',
        received: definition.key,
        expected:
          'a name of its own, or the group, pool and properties that the first command of this name has',
      })
    if (known !== undefined && known.definition.breaker !== definition.breaker)
      issues.push({
        path: 'breaker',
        received: definition.breaker,
        expected: 'the breaker that the first command of this name has, if it shares one',
      })
    const speaksOfPool = Object.keys(pool.given).length > 0
    if (
      knownPool !== undefined &&
      speaksOfPool &&
      this.definitions.get(knownPool) !== JSON.stringify(sorted(pool.given))
    )
      issues.push({
        path: 'threadPool',
        received: pool.given,
        expected: `what the first command of the pool ${JSON.stringify(pool.key)} has said about it, or nothing`,
      })
    if (issues.length > 0) throw new InvalidOptionsError('Invalid options for createCommand', { issues })
  }

  private keep<T extends CommandKey | ThreadPool>(
    among: Map<string, T>,
    key: string,
    kept: T,
    definition: string,
  ): void {
    among.set(key, kept)
    this.definitions.set(kept, definition)
  }
}

const registries = new WeakMap<Runtime, HystrixRegistry>()

/** The names of a runtime. */
export function registryOf(runtime: Runtime): HystrixRegistry {
  let registry = registries.get(runtime)
  if (registry === undefined) {
    registry = new HystrixRegistry()
    registries.set(runtime, registry)
  }
  return registry
}

/**
 * Adds hooks or a notifier to all commands of the preset `hystrix` in a runtime, before the hooks of each. Returns the
 * function that removes them.
 *
 * @throws InvalidOptionsError when hooks or notifier are none, or have names that Hystrix does not know.
 *
 * @example
 * ```ts
 * import { addHystrixPlugin, createCommand } from '@breakwater/command'
 * import { createRuntime } from '@breakwater/kernel'
 *
 * using runtime = createRuntime()
 * const remove = addHystrixPlugin(runtime, { notifier: { markEvent: (event, key) => console.log(key, event) } })
 * const command = createCommand({ name: 'GetUser', preset: 'hystrix', runtime, run: () => 'up' })
 * await command.execute() // prints: GetUser SUCCESS
 * remove()
 * command.dispose()
 * ```
 */
export function addHystrixPlugin(runtime: Runtime, plugin: HystrixPlugin): () => void {
  const read = readOptions('addHystrixPlugin', plugin, ['hooks', 'notifier'])
  readPlugin(read)
  read.finish()
  const registry = registryOf(runtime)
  const added: HystrixPlugin = { ...plugin }
  registry.plugins = [...registry.plugins, added]
  return () => {
    registry.plugins = registry.plugins.filter((one) => one !== added)
  }
}

// A line of Hystrix never complains about a name that is taken.
function takeName({ key, runtime, group, line, given, pool }: KeyDefinition): () => void {
  try {
    return claimName(runtime, key, { ...given, preset: 'hystrix', group, pool, compat: line.compat })
  } catch (error) {
    if (!line.keepsFirstDefinition) throw error
    return () => undefined
  }
}

function textOf({ group, given, line, pool }: KeyDefinition): string {
  return JSON.stringify([group, pool, line.compat, sorted(given)])
}

function sorted(values: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
}
