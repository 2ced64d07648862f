/**
 * The check of the options of the preset `hystrix`, and of their updates.
 */
import type { CircuitBreaker } from '@breakwater/breaker'
import { defaultRuntime, fillsSlot, readOptions, systemClock } from '@breakwater/kernel'
import type { CacheKey, Call, Clock, FallbackCause, OptionReader, Random, Runtime } from '@breakwater/kernel'
import { commandFaults, threadPoolFaults } from './core/hystrix-numbers.js'
import { COMPAT_NAMES, lineOf } from './core/line.js'
import type { HystrixCompat, Line } from './core/line.js'
import { rowsOf } from './core/property-table.js'
import { conflictsOf, resolveProperties, valueFault } from './core/properties.js'
import type { PropertyFault } from './core/properties.js'
import { HOOK_NAMES } from './hooks.js'
import type { HystrixHooks, HystrixNotifier } from './hooks.js'

/** Options as they are in force. */
export interface ResolvedHystrix {
  readonly name: string
  readonly group: string | undefined
  /** The thread pool that the code names. */
  readonly pool: string
  /** The one that a property names instead, when it is made. */
  readonly poolNow: string
  readonly compat: HystrixCompat | undefined
  readonly breaker: CircuitBreaker | undefined
  readonly run: (call: Call, ...args: unknown[]) => unknown
  readonly fallback: ((cause: FallbackCause, ...args: unknown[]) => unknown) | undefined
  readonly cacheKey: ((...args: unknown[]) => CacheKey) | undefined
  readonly ignore: ((error: unknown) => boolean) | undefined
  readonly notWrapped: ((error: unknown) => boolean) | undefined
  readonly unrecoverable: ((error: unknown) => boolean) | undefined
  readonly plugin: {
    readonly hooks: HystrixHooks | undefined
    readonly notifier: HystrixNotifier | undefined
  }
  /** Properties that are not as in the table where nothing is said about them. */
  readonly usual: Readonly<Record<string, unknown>>
  readonly properties: Readonly<Record<string, unknown>>
  readonly threadPool: Readonly<Record<string, unknown>>
  readonly runtime: Runtime
  readonly clock: Clock
  readonly random: Random | undefined
}

const TUNING_KEYS = ['timeoutMs', 'fallbackLimit', 'properties', 'threadPool'] as const
const KEYS = [
  ...TUNING_KEYS,
  'name',
  'group',
  'preset',
  'pool',
  'compat',
  'breaker',
  'run',
  'fallback',
  'cacheKey',
  'ignore',
  'notWrapped',
  'unrecoverable',
  'hooks',
  'notifier',
  'runtime',
  'clock',
  'random',
] as const

/** The properties that an option stands for. */
const SHORTHANDS = [
  ['timeoutMs', ['execution.timeout.enabled', 'execution.isolation.thread.timeoutInMilliseconds']],
  ['fallbackLimit', ['fallback.isolation.semaphore.maxConcurrentRequests']],
] as const
const USUAL_OF_STREAMS = Object.freeze({ 'execution.isolation.strategy': 'SEMAPHORE' })

type Reader = OptionReader<(typeof KEYS)[number]>
type TuningReader = OptionReader<(typeof TUNING_KEYS)[number]>
type Predicate = (error: unknown) => boolean

/** Checks and completes options; throws `InvalidOptionsError` with every fault. */
export function resolveHystrixOptions(options: unknown, component: string): ResolvedHystrix {
  const read = readOptions(component, options, KEYS)
  read.oneOf('preset', 'hystrix', ['hystrix'])
  const name =
    required(read, 'name', read.string('name', undefined, { minLength: 1, maxLength: 256 }), 'a name') ?? ''
  const group = read.string('group', undefined, { minLength: 1, maxLength: 256 })
  const runtime = read.runtime('runtime', undefined) ?? defaultRuntime()
  const compat = read.oneOf<HystrixCompat, undefined>('compat', undefined, COMPAT_NAMES)
  const line = lineOf(compat)
  const { properties, threadPool } = readTuning(read, line)
  const usual = component === 'createStreamCommand' ? USUAL_OF_STREAMS : {}
  const isOff = read.value('breaker') === false ? { 'circuitBreaker.enabled': false } : {}
  const given = { ...usual, ...isOff, ...properties }
  const lookup = (path: string): unknown => runtime.configuration.get(path)
  const sources = { lookup, takesAnyNumber: line.takesAnyNumber }
  const values = resolveProperties('command', name, given, sources)
  const pool = read.string('pool', undefined, { minLength: 1, maxLength: 256 }) ?? group ?? name
  const poolNow = values.threadPoolKeyOverride ?? pool
  const poolValues = resolveProperties('threadpool', poolNow, threadPool, sources)
  const { takesAnyNumber } = line
  issues(read, 'properties', takesAnyNumber ? commandFaults(values) : conflictsOf(values))
  issues(read, 'threadPool', takesAnyNumber ? threadPoolFaults(poolValues) : conflictsOf(poolValues))
  if (component === 'createStreamCommand' && read.has('cacheKey'))
    read.issue('cacheKey', read.value('cacheKey'), 'nothing: a stream is read once, by who asked for it')
  const resolved: ResolvedHystrix = {
    name,
    group,
    pool,
    poolNow,
    compat,
    breaker: readBreaker(read),
    run: required(read, 'run', read.fn<ResolvedHystrix['run']>('run'), 'a function') ?? (() => undefined),
    fallback: read.fn<NonNullable<ResolvedHystrix['fallback']>>('fallback'),
    cacheKey: read.fn<NonNullable<ResolvedHystrix['cacheKey']>>('cacheKey'),
    ignore: read.fn<Predicate>('ignore'),
    notWrapped: read.fn<Predicate>('notWrapped'),
    unrecoverable: read.fn<Predicate>('unrecoverable'),
    plugin: readPlugin(read),
    usual,
    properties: given,
    threadPool,
    runtime,
    clock: read.clock('clock', systemClock),
    random: read.random('random', undefined),
  }
  read.finish()
  return Object.freeze(resolved)
}

/**
 * The values that an update gives, over those `before`, and as usual where it gives `undefined`; throws for those that cannot
 * be changed.
 */
export function resolveTuning(
  options: unknown,
  before: Pick<ResolvedHystrix, 'properties' | 'threadPool' | 'usual'>,
  line: Line,
): Pick<ResolvedHystrix, 'properties' | 'threadPool'> {
  const read = readOptions('command.update', options, TUNING_KEYS)
  const { properties, threadPool } = readTuning(read, line)
  refuseStatic(read, 'command', properties)
  refuseStatic(read, 'threadpool', threadPool)
  read.finish()
  // Who gives a time wants it kept, also after it was `false`.
  const isTimed = typeof read.value('timeoutMs') === 'number' ? { 'execution.timeout.enabled': true } : {}
  const named = namesIn(options)
  const emptied = SHORTHANDS.filter(([option]) => named.includes(option) && !read.has(option))
  const shorthands = emptied.flatMap(([, names]) => names)
  const usual = asUsual('command', [...shorthands, ...namesIn(read.value('properties'))], before.usual)
  const usualOfPool = asUsual('threadpool', namesIn(read.value('threadPool')), {})
  return {
    properties: { ...before.properties, ...usual, ...isTimed, ...properties },
    threadPool: { ...before.threadPool, ...usualOfPool, ...threadPool },
  }
}

// What was said about them was read already.
const namesIn = (given: unknown): string[] => Object.keys(given ?? {})

/** What properties are when nothing is said about them, as far as they can change. */
function asUsual(
  kind: 'command' | 'threadpool',
  names: readonly string[],
  usual: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const dynamic = names.filter((name) => rowsOf(kind).get(name)?.isDynamic === true)
  return Object.fromEntries(dynamic.map((name) => [name, usual[name]]))
}

function readTuning(read: TuningReader, line: Line): Pick<ResolvedHystrix, 'properties' | 'threadPool'> {
  const properties = {
    ...shorthands(read),
    ...readProperties(read, 'properties', line),
  }
  return { properties, threadPool: readProperties(read, 'threadPool', line) }
}

function shorthands(read: TuningReader): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  if (read.value('timeoutMs') === false) values['execution.timeout.enabled'] = false
  else {
    const timeoutMs = read.integer('timeoutMs', undefined, { min: 1, max: 2 ** 31 - 1 })
    if (timeoutMs !== undefined) values['execution.isolation.thread.timeoutInMilliseconds'] = timeoutMs
  }
  const limit = read.integer('fallbackLimit', undefined, { min: 0, max: 1_000_000 })
  if (limit !== undefined) values['fallback.isolation.semaphore.maxConcurrentRequests'] = limit
  return values
}

function readProperties(
  read: TuningReader,
  option: 'properties' | 'threadPool',
  { takesAnyNumber }: Line,
): Record<string, unknown> {
  const kind = option === 'properties' ? 'command' : 'threadpool'
  const rows = rowsOf(kind)
  const own = read.nested(option, [...rows.keys()])
  const values: Record<string, unknown> = {}
  for (const [property, row] of rows) {
    if (!own.has(property)) continue
    const fault = valueFault(row, { property, given: own.value(property) }, takesAnyNumber)
    if (fault === undefined) values[property] = own.value(property)
    else own.issue(property, fault.received, fault.expected)
  }
  return values
}

function issues(read: Reader, option: 'properties' | 'threadPool', faults: readonly PropertyFault[]): void {
  for (const { property, received, expected } of faults)
    read.issue(`${option}.${property}`, received, expected)
}

function refuseStatic(
  read: TuningReader,
  kind: 'command' | 'threadpool',
  values: Readonly<Record<string, unknown>>,
): void {
  const option = kind === 'command' ? 'properties' : 'threadPool'
  for (const [property, row] of rowsOf(kind))
    if (!row.isDynamic && values[property] !== undefined)
      read.issue(
        `${option}.${property}`,
        values[property],
        'nothing: it is read once, when the command is made',
      )
}

function readBreaker(read: Reader): CircuitBreaker | undefined {
  const value = read.custom<CircuitBreaker | false, undefined>('breaker', undefined, (given) =>
    given === false || fillsSlot(given, 'breaker')
      ? undefined
      : 'a breaker to share, or false; its rules are set by properties',
  )
  return value === false ? undefined : value
}

/** Reads hooks and notifier. */
export function readPlugin(read: OptionReader<'hooks' | 'notifier'>): ResolvedHystrix['plugin'] {
  const hooks = read.nested('hooks', HOOK_NAMES)
  for (const hook of HOOK_NAMES) hooks.fn(hook)
  const notifier = read.nested('notifier', ['markEvent', 'markCommandExecution'])
  for (const method of ['markEvent', 'markCommandExecution'] as const) notifier.fn(method)
  return { hooks: read.value('hooks') as HystrixHooks, notifier: read.value('notifier') as HystrixNotifier }
}

function required<T>(read: Reader, key: 'name' | 'run', value: T | undefined, what: string): T | undefined {
  if (!read.has(key)) read.issue(key, undefined, what)
  return value
}
