/** The options of a client, their defaults and their check. */
import { InvalidOptionsError, isPlainObject, readOptions, systemClock } from '@breakwater/kernel'
import type { Clock, OptionIssue, Random, Runtime } from '@breakwater/kernel'
import { StaticSource } from '@breakwater/discovery-client'
import type { InstanceSource } from '@breakwater/discovery-client'
import { serviceNameOf } from './core/service-host.js'
import { withoutGaps } from './engine/request-options.js'
import { resolveService, SERVICE_KEYS } from './engine/service-options.js'
import type { ResolvedService, ServiceOptions } from './engine/service-options.js'
import { POOL_KEYS, readPools } from './wire/pool-options.js'
import type { PoolOptions, ResolvedPools } from './wire/pool-options.js'

export interface HttpClientOptions extends Omit<ServiceOptions, 'instances' | 'service'>, PoolOptions {
  /** Services by name, over what is said for all. A request to `http://name/…` goes to one of its instances. */
  readonly services?: Readonly<Record<string, ServiceOptions>> | undefined
  readonly random?: Random | undefined
  readonly runtime?: Runtime | undefined
}

/** A service that was named. */
interface NamedService {
  readonly name: string
  readonly options: ResolvedService
  readonly source: InstanceSource | undefined
}

export interface ResolvedClient {
  readonly defaults: ResolvedService
  readonly services: readonly NamedService[]
  readonly source: InstanceSource | undefined
  readonly pools: ResolvedPools
  readonly clock: Clock
  readonly random: Random | undefined
  readonly runtime: Runtime | undefined
}

const OWN_KEYS = ['services', 'random', 'runtime'] as const

/** Checks and completes options; throws `InvalidOptionsError` with every fault, but those inside of policies. */
export function resolveClient(given: HttpClientOptions | undefined): ResolvedClient {
  const read = readOptions('createHttpClient', given, [...OWN_KEYS, ...POOL_KEYS, ...SERVICE_KEYS])
  const pools = readPools(read)
  const random = read.random('random', undefined)
  const runtime = read.runtime('runtime', undefined)
  const issues: OptionIssue[] = [...read.issues]
  const common = pickKnown(given ?? {})
  const defaults = resolveService(common, issues, '')
  const source = sourceIn(common, issues, 'source')
  const clock = read.value('clock') === undefined ? systemClock : (given?.clock ?? systemClock)
  const named = read.value('services')
  const byName = Object.entries(isPlainObject(named) ? named : {})
  const services = byName.map(([name, options]) =>
    resolveNamed(name, { common, options, source }, clock, issues),
  )
  issues.push(...doubles(byName.map(([name]) => name)))
  if (named !== undefined && !isPlainObject(named))
    issues.push({ path: 'services', received: named, expected: 'options of services, by name' })
  if (issues.length > 0) throw new InvalidOptionsError('Invalid options for createHttpClient', { issues })
  return { defaults, services, source, pools: pools(), clock, random, runtime }
}

interface Given {
  readonly common: ServiceOptions
  readonly options: unknown
  readonly source: InstanceSource | undefined
}

function resolveNamed(
  name: string,
  { common, options, source }: Given,
  clock: Clock,
  issues: OptionIssue[],
): NamedService {
  const path = `services.${name}.`
  const known = serviceNameOf(name)
  if (known === undefined)
    issues.push({
      path: `services.${name}`,
      received: name,
      expected: 'a name that can be the host of a URL',
    })
  if (!isPlainObject(options))
    issues.push({ path: `services.${name}`, received: options, expected: 'options of a service' })
  const own: ServiceOptions = isPlainObject(options) ? options : {}
  const faults: OptionIssue[] = []
  const resolved = resolveService({ ...common, ...withoutGaps(own) }, faults, path)
  // What is wrong for all has been said.
  issues.push(...faults.filter((fault) => !issues.some((issue) => isSameOf(issue, fault, path))))
  const lists = own.instances === undefined ? undefined : { [own.service ?? known ?? name]: own.instances }
  const ownSource = sourceIn(own, issues, `${path}source`) ?? source
  return {
    name: known ?? name,
    options: resolved,
    source: ownStatic(lists, clock, issues, path) ?? ownSource,
  }
}

// Hosts of URLs have no case.
function doubles(names: readonly string[]): OptionIssue[] {
  const hosts = names.map((name) => name.toLowerCase())
  const twice = names.filter((name, at) => hosts.indexOf(name.toLowerCase()) < at)
  return twice.map((name) => ({
    path: `services.${name}`,
    received: name,
    expected: 'a name that is no other in another case',
  }))
}

function isSameOf(common: OptionIssue, own: OptionIssue, path: string): boolean {
  return `${path}${common.path}` === own.path && Object.is(common.received, own.received)
}

function ownStatic(
  lists: ConstructorParameters<typeof StaticSource>[0] | undefined,
  clock: Clock,
  issues: OptionIssue[],
  path: string,
): InstanceSource | undefined {
  if (lists === undefined) return undefined
  try {
    return new StaticSource(lists, { clock })
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error
    for (const issue of error.issues) issues.push({ ...issue, path: `${path}instances: ${issue.path}` })
    return undefined
  }
}

function sourceIn(options: ServiceOptions, issues: OptionIssue[], path: string): InstanceSource | undefined {
  const { source } = options
  if (source === undefined) return undefined
  const { watch, snapshot } = Object(source) as Partial<InstanceSource>
  const isSource = typeof watch === 'function' && typeof snapshot === 'function'
  if (!isSource) issues.push({ path, received: source, expected: 'a source of instances' })
  return isSource ? source : undefined
}

function pickKnown(given: HttpClientOptions): ServiceOptions {
  if (!isPlainObject(given)) return {}
  const own = given
  return Object.fromEntries(
    SERVICE_KEYS.filter((key) => own[key] !== undefined).map((key) => [key, own[key]]),
  )
}
