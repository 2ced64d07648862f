/**
 * One command for each key (a host, a tenant), bounded. A breaker that holds failures is never thrown out, or whoever
 * chooses the keys could reset it at will.
 */
import { InvalidOptionsError, readOptions } from '@breakwater/kernel'
import type { Command } from './command-shape.js'

export interface CommandRegistryOptions<A extends unknown[], R> {
  /** Makes the command of a key; called once per key while it is kept. */
  readonly define: (key: string) => Command<A, R>
  /** Commands kept at most, 1 to 10 000. Default 500. */
  readonly max?: number | undefined
  /**
   * Whether keys come from input (requests, users). Then idle commands make room for new ones, and while none is idle
   * all further keys share the command of {@link OTHER_KEYS}. Otherwise one key too many is an error. Default `false`.
   */
  readonly keysFromInput?: boolean | undefined
}

/** The key of the command that all keys share for which there is no room. */
export const OTHER_KEYS = '__other__'

const DEFAULT_MAX = 500
/** How many of the longest unused commands are looked at for one that is idle. */
const MAX_LOOKS = 32

/**
 * Keeps one command per key.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { CommandRegistry, createCommand } from '@breakwater/command'
 *
 * const byHost = new CommandRegistry({
 *   keysFromInput: true,
 *   define: (host) => createCommand({ name: `get ${host}`, run: async (call, path: string) => `${host}${path}` }),
 * })
 * console.log(await byHost.get('a.example').execute('/x')) // a.example/x
 * byHost.dispose()
 * ```
 */
export class CommandRegistry<A extends unknown[], R> implements Disposable {
  private readonly commands = new Map<string, Command<A, R>>()
  private readonly define: (key: string) => Command<A, R>
  private readonly max: number
  private readonly keysFromInput: boolean
  private other: Command<A, R> | undefined = undefined

  constructor(options: CommandRegistryOptions<A, R>) {
    const read = readOptions('CommandRegistry', options, ['define', 'max', 'keysFromInput'])
    const define = read.fn<(key: string) => Command<A, R>>('define')
    this.max = read.integer('max', DEFAULT_MAX, { min: 1, max: 10_000 })
    this.keysFromInput = read.boolean('keysFromInput', false)
    if (!read.has('define')) read.issue('define', undefined, 'a function')
    read.finish()
    this.define = define as (key: string) => Command<A, R>
  }

  /** Commands kept, without the shared one. */
  get size(): number {
    return this.commands.size
  }

  /**
   * The command of `key`, made when it is not there.
   *
   * @throws InvalidOptionsError for a key that is no string, for one too many unless `keysFromInput`, and when `define`
   * gives no command.
   */
  get(key: string): Command<A, R> {
    const known = this.commands.get(key)
    if (known !== undefined) {
      // The order of the map is the order of use.
      this.commands.delete(key)
      this.commands.set(key, known)
      return known
    }
    this.checkKey(key)
    if (key === OTHER_KEYS || (this.commands.size >= this.max && !this.evictIdle()))
      return (this.other ??= this.make(OTHER_KEYS))
    const command = this.make(key)
    // `define` may have asked for keys itself, by which this one is there now or there is no room for it any more.
    if (this.commands.has(key) || this.commands.size >= this.max) {
      command.dispose()
      return this.get(key)
    }
    this.commands.set(key, command)
    return command
  }

  /** Disposes all commands. */
  dispose(): void {
    for (const command of this.commands.values()) command.dispose()
    this.commands.clear()
    this.other?.dispose()
    this.other = undefined
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  private checkKey(key: unknown): void {
    const isFull = !this.keysFromInput && this.commands.size >= this.max
    if (typeof key === 'string' && !isFull) return
    const expected =
      typeof key === 'string'
        ? `one of at most ${String(this.max)} keys; keys that come from input need keysFromInput: true`
        : 'a string'
    const issues = [{ path: 'key', received: key, expected }]
    throw new InvalidOptionsError('Invalid key for CommandRegistry', { issues })
  }

  private make(key: string): Command<A, R> {
    const command: unknown = this.define(key)
    if (isCommand<A, R>(command)) return command
    const issues = [{ path: 'define', received: command, expected: 'a function that gives a command' }]
    throw new InvalidOptionsError('Invalid options for CommandRegistry', { issues })
  }

  private evictIdle(): boolean {
    let looks = Math.min(MAX_LOOKS, this.commands.size)
    for (const [key, command] of this.commands) {
      if (looks-- === 0) return false
      this.commands.delete(key)
      if (command.isIdle) {
        command.dispose()
        return true
      }
      // To the end of the line, so that the next search looks at others.
      this.commands.set(key, command)
    }
    return false
  }
}

function isCommand<A extends unknown[], R>(value: unknown): value is Command<A, R> {
  const { execute, dispose, isIdle } = (value ?? {}) as Partial<Command<A, R>>
  return typeof execute === 'function' && typeof dispose === 'function' && typeof isIdle === 'boolean'
}
