/** What the tests of the edges of settings share. */
import { InvalidOptionsError } from '@breakwater/kernel'
import type { EurekaClientOptions, ResolvedEurekaOptions } from './client-options.js'
import { resolveEurekaOptions } from './resolve-client.js'
import { instanceInfoOf } from './resolve-instance.js'

const SERVER = { serviceUrls: ['http://eureka:8761/eureka/'] }

export const resolve = (options: object): ResolvedEurekaOptions =>
  resolveEurekaOptions({ ...SERVER, ...options })

export const instanceOf = (config: object): ReturnType<typeof instanceInfoOf> =>
  instanceInfoOf(resolve({ instance: { appName: 'Users', ...config } }).instance!, {
    hostName: 'box',
    ipAddr: '10.0.0.7',
  })

/** What is wrong: each path, with what was expected there. */
export function faultsOf(options: unknown): (readonly [string, string])[] {
  return refusalOf(options)?.issues.map(({ path, expected }) => [path, expected] as const) ?? []
}

/** The error that says so. */
export function refusalOf(options: unknown): InvalidOptionsError | undefined {
  try {
    resolveEurekaOptions(options as EurekaClientOptions)
    return undefined
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error
    throw error
  }
}

/** The same, beside a server that is fine. */
export const faultsWith = (options: object): (readonly [string, string])[] =>
  faultsOf({ ...SERVER, ...options })

export const long = (length: number): string => 'x'.repeat(length)
