// What the steps of one replay share: the clock, the runtime with its properties, the request contexts, and what was heard.

import { createCommand, hystrixProperties } from '@breakwater/command'
import type { HystrixCommand, HystrixCompat, HystrixHooks, HystrixProperties } from '@breakwater/command'
import { createRuntime, InvalidOptionsError, openRequestScope } from '@breakwater/kernel'
import type { Call, RequestScope, Runtime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { builtInOf, parsePropertyAddress } from '../scenario/properties.ts'
import type { PropertyKind } from '../scenario/properties.ts'
import type { CommandDefinition, Line, PropertyValues } from '../scenario/scenario.ts'
import { isNotWrapped } from './errors.ts'
import { Recorder } from './recorder.ts'
import { typedProperties, typedProperty } from './typed-properties.ts'

/** What one command object does; every execution has its own, as in Java. */
export interface Deeds<R> {
  readonly run: (call: Call) => R | Promise<R>
  readonly fallback: (() => R | Promise<R>) | undefined
  readonly cacheKey: string | undefined
  readonly hooks: HystrixHooks
}

const IDLE: Deeds<string> = { run: () => '', fallback: undefined, cacheKey: undefined, hooks: {} }

const COMPAT: Readonly<Record<Line, HystrixCompat | undefined>> = {
  classic: 'hystrix-1.5.18',
  'tri-state': 'hystrix-1.5.13',
  port: undefined,
}

export class World {
  readonly clock: SimClock = new SimClock()
  readonly runtime: Runtime = createRuntime()
  readonly recorder: Recorder = new Recorder(this.clock, this.runtime)
  readonly line: Line
  private readonly source: HystrixProperties
  private readonly made = new Map<string, PropertyValues>()
  private readonly values = new Map<string, string>()
  private readonly first = new Map<string, HystrixCommand<[], unknown>>()
  private readonly scopes = new Map<string, RequestScope>()

  constructor(line: Line) {
    this.line = line
    this.source = hystrixProperties({}, this.compat === undefined ? {} : { compat: this.compat })
    this.runtime.configure(this.source)
  }

  get compat(): HystrixCompat | undefined {
    return COMPAT[this.line]
  }

  /**
   * A command object of the definition's key. In our own line it may throw, when the key was defined otherwise before; in every line, when there
   * are values from which no command can be made. Hystrix keeps the first definition of a key, also when nothing could be made of it.
   */
  command<R>(definition: CommandDefinition, deeds: Deeds<R>): HystrixCommand<[], R> {
    const { run, fallback, cacheKey, hooks } = deeds
    this.make('command', definition.key, definition.props)
    this.make('threadpool', definition.pool, definition.threadPool)
    const { props, threadPool } = this.inForce(definition)
    const command = createCommand({
      preset: 'hystrix',
      name: definition.key,
      group: definition.group,
      pool: definition.pool,
      properties: typedProperties('command', props),
      threadPool: typedProperties('threadpool', threadPool),
      run,
      hooks,
      notWrapped: isNotWrapped,
      clock: this.clock,
      runtime: this.runtime,
      ...(fallback === undefined ? {} : { fallback }),
      ...(cacheKey === undefined ? {} : { cacheKey: () => cacheKey }),
      ...(this.compat === undefined ? {} : { compat: this.compat }),
    })
    if (!this.first.has(definition.key)) this.first.set(definition.key, command)
    return command
  }

  /**
   * Sets a dynamic property. The recordings were made without Archaius: there, whether a key looks at its own dynamic value is decided when
   * the key is made, so one that had none then, nor one in its definition, never sees it.
   */
  set(full: string, text: string): void {
    const address = parsePropertyAddress(full)
    if (address === undefined) throw new Error(`set: unknown property ${full}`)
    const { kind, key, name } = address
    const made = this.made.get(`${kind}.${key}`)
    if (this.compat !== undefined && made !== undefined && !made.has(name) && !this.values.has(full)) return
    try {
      this.source.set(full, typedProperty(kind, name, text))
      this.values.set(full, text)
    } catch (error) {
      // Our own line refuses a value that makes no sense, and goes on with what it had.
      if (!(error instanceof InvalidOptionsError)) throw error
    }
  }

  /** A property as it is now: by key, as the definition says, or for all. */
  property(kind: PropertyKind, key: string, name: string, defined: string | undefined): string | undefined {
    return (
      this.values.get(`hystrix.${kind}.${key}.${name}`) ??
      defined ??
      this.values.get(`hystrix.${kind}.default.${name}`) ??
      builtInOf(kind, name)
    )
  }

  /** The first command of the definition's key, which stands for its numbers; made when there is none yet. */
  commandOf(definition: CommandDefinition): HystrixCommand<[], unknown> {
    return this.first.get(definition.key) ?? this.command(definition, IDLE)
  }

  /** Remembers that a key exists from now on, and what its first definition says. */
  make(kind: PropertyKind, key: string, defined: PropertyValues): void {
    const id = `${kind}.${key}`
    if (!this.made.has(id)) this.made.set(id, defined)
  }

  openContext(name: string): void {
    this.scopes.set(name, openRequestScope())
  }

  closeContext(name: string): void {
    this.scopes.get(name)?.end()
  }

  /** Runs `work` in the request context; without one when `name` is not given or not open yet. */
  inContext<R>(name: string | undefined, work: () => R): R {
    const scope = name === undefined ? undefined : this.scopes.get(name)
    return scope === undefined ? work() : scope.run(work)
  }

  private inForce(definition: CommandDefinition): Pick<CommandDefinition, 'props' | 'threadPool'> {
    if (this.compat === undefined) return definition
    const { key, pool } = definition
    return {
      props: this.made.get(`command.${key}`) ?? definition.props,
      threadPool: this.made.get(`threadpool.${pool}`) ?? definition.threadPool,
    }
  }

  /** Ends what still runs, so that nothing outlives a replay. */
  dispose(): void {
    for (const scope of this.scopes.values()) scope.end()
    this.runtime.dispose()
  }
}
