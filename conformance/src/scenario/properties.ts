// The properties that Hystrix 1.5 knows, by kind, with the form of their values and their built-in defaults (Hystrix 1.5.18,
// HystrixCommandProperties, HystrixThreadPoolProperties, HystrixCollapserProperties).

type Form = 'flag' | 'number' | 'text' | 'strategy'

interface Property {
  readonly form: Form
  readonly builtIn: string | undefined
  /** Below it Hystrix never answers: its timer does not tick, or its requests go round in circles. */
  readonly least?: number
}

const flag = (builtIn: boolean): Property => ({ form: 'flag', builtIn: String(builtIn) })
const number = (builtIn: number): Property => ({ form: 'number', builtIn: String(builtIn) })

const ROLLING = {
  'metrics.rollingStats.timeInMilliseconds': number(10_000),
  'metrics.rollingStats.numBuckets': number(10),
}
const PERCENTILE = {
  'metrics.rollingPercentile.enabled': flag(true),
  'metrics.rollingPercentile.timeInMilliseconds': number(60_000),
  'metrics.rollingPercentile.numBuckets': number(6),
  'metrics.rollingPercentile.bucketSize': number(100),
}

const COMMAND: Readonly<Record<string, Property>> = {
  'execution.isolation.strategy': { form: 'strategy', builtIn: 'THREAD' },
  'execution.isolation.thread.timeoutInMilliseconds': number(1_000),
  'execution.timeout.enabled': flag(true),
  'execution.isolation.thread.interruptOnTimeout': flag(true),
  'execution.isolation.thread.interruptOnFutureCancel': flag(false),
  'execution.isolation.semaphore.maxConcurrentRequests': number(10),
  'fallback.enabled': flag(true),
  'fallback.isolation.semaphore.maxConcurrentRequests': number(10),
  'circuitBreaker.enabled': flag(true),
  'circuitBreaker.requestVolumeThreshold': number(20),
  'circuitBreaker.sleepWindowInMilliseconds': number(5_000),
  'circuitBreaker.errorThresholdPercentage': number(50),
  'circuitBreaker.forceOpen': flag(false),
  'circuitBreaker.forceClosed': flag(false),
  ...ROLLING,
  ...PERCENTILE,
  'metrics.healthSnapshot.intervalInMilliseconds': number(500),
  'requestCache.enabled': flag(true),
  'requestLog.enabled': flag(true),
  threadPoolKeyOverride: { form: 'text', builtIn: undefined },
}

const THREAD_POOL: Readonly<Record<string, Property>> = {
  coreSize: number(10),
  maximumSize: number(10),
  allowMaximumSizeToDivergeFromCoreSize: flag(false),
  keepAliveTimeMinutes: number(1),
  maxQueueSize: number(-1),
  queueSizeRejectionThreshold: number(5),
  ...ROLLING,
}

const COLLAPSER: Readonly<Record<string, Property>> = {
  maxRequestsInBatch: { ...number(2_147_483_647), least: 1 },
  timerDelayInMilliseconds: { ...number(10), least: 1 },
  'requestCache.enabled': flag(true),
  ...ROLLING,
  ...PERCENTILE,
}

/** Whose property it is. */
export type PropertyKind = 'command' | 'threadpool' | 'collapser'

const KINDS: Readonly<Record<PropertyKind, Readonly<Record<string, Property>>>> = {
  command: COMMAND,
  threadpool: THREAD_POOL,
  collapser: COLLAPSER,
}

export function builtInOf(kind: PropertyKind, name: string): string | undefined {
  return KINDS[kind][name]?.builtIn
}

export function propertyNames(kind: PropertyKind): readonly string[] {
  return Object.keys(KINDS[kind])
}

/** The value as text; `undefined` when it has not the form that the property asks for. Throws nothing; unknown names are the caller's to find. */
export function propertyText(kind: PropertyKind, name: string, value: unknown): string | undefined {
  const text = String(value)
  if (typeof value === 'object') return undefined
  const property = KINDS[kind][name]
  switch (property?.form) {
    case 'flag':
      return text === 'true' || text === 'false' ? text : undefined
    case 'number':
      return isInt(text, property) ? text : undefined
    case 'strategy':
      return text === 'THREAD' || text === 'SEMAPHORE' ? text : undefined
    case 'text':
      return typeof value === 'string' ? text : undefined
    case undefined:
      return undefined
  }
}

export function expectedForm(kind: PropertyKind, name: string): string {
  const forms = {
    flag: 'true or false',
    number: 'a whole number of 32 bits',
    text: 'a text',
    strategy: 'THREAD or SEMAPHORE',
  }
  const { form, least } = KINDS[kind][name] ?? {}
  if (form === undefined) return 'a known property'
  return least === undefined ? forms[form] : `${forms[form]}, at least ${least}`
}

/** Java's `int`, and not too small. */
function isInt(text: string, { least = -Infinity }: Property): boolean {
  const number = Number(text)
  return /^-?\d+$/.test(text) && number === (number | 0) && number >= least
}

/** A full name such as `hystrix.command.A.circuitBreaker.forceOpen`, taken apart. The key is `default` for all that have none of their own. */
export interface PropertyAddress {
  readonly kind: PropertyKind
  readonly key: string
  readonly name: string
}

export function parsePropertyAddress(full: string): PropertyAddress | undefined {
  for (const kind of ['command', 'threadpool', 'collapser'] as const) {
    const prefix = `hystrix.${kind}.`
    const name = propertyNames(kind)
      .filter((one) => full.startsWith(prefix) && full.endsWith(`.${one}`))
      .sort((a, b) => b.length - a.length)[0]
    const key = name === undefined ? '' : full.slice(prefix.length, -name.length - 1)
    if (name !== undefined && key !== '') return { kind, key, name }
  }
  return undefined
}
