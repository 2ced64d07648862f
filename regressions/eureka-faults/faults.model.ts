/** A registry with a faulty line before it, and clients of it in real time. All end with the test. */
import { EurekaClient } from '@breakwater/discovery-client'
import type { EurekaClientOptions } from '@breakwater/discovery-client'
import { seededRandom } from '@breakwater/kernel'
import type { Clock } from '@breakwater/kernel'
import { EmbeddedEureka, FaultProxy } from '@breakwater/testing'
import type { EmbeddedEurekaOptions } from '@breakwater/testing'
import { onTestFinished } from 'vitest'

export const USERS = { appName: 'users', hostName: '127.0.0.1', ipAddr: '127.0.0.1', port: 9_001 } as const
/** Longer than a test: who sets it fetches when the test says so. */
export const FAR_MS = 600_000

const PATIENCE_MS = 10_000

export async function startEureka(options?: EmbeddedEurekaOptions): Promise<EmbeddedEureka> {
  const eureka = await EmbeddedEureka.start(options)
  onTestFinished(() => eureka.stop())
  return eureka
}

export async function startLine(target: string, clock?: Clock): Promise<FaultProxy> {
  const line = await FaultProxy.start({ target, clock })
  onTestFinished(() => line.stop())
  return line
}

export interface RealClient {
  readonly client: EurekaClient
  /** What went wrong. */
  readonly errors: Error[]
}

/** A client that fetches only when it is told to, and by whose errors a test is judged. */
export function realClient(options: EurekaClientOptions): RealClient {
  const client = new EurekaClient({
    registryFetchIntervalMs: FAR_MS,
    stopTimeoutMs: 200,
    random: seededRandom(1),
    ...options,
  })
  onTestFinished(() => client.stop())
  const errors: Error[] = []
  client.on('error', ({ error }) => errors.push(error))
  return { client, errors }
}

export async function eventually(isSo: () => boolean, what = 'it'): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  while (!isSo()) {
    if (performance.now() > until) throw new Error(`${what} never came to be`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** How long it took, in milliseconds. */
export async function took(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}
