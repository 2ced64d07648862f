/** A client of an embedded registry, on a clock that the test moves, with all that the client tells. */
import { seededRandom } from '@breakwater/kernel'
import { EmbeddedEureka, SimClock } from '@breakwater/testing'
import type { EmbeddedEurekaOptions } from '@breakwater/testing'
import { onTestFinished } from 'vitest'
import type { EurekaClientOptions } from '../core/options/client-options.js'
import { EurekaClient } from './eureka-client.js'
import type { EurekaEvents } from './events.js'

const EVENTS = [
  'registry',
  'status',
  'heartbeat',
  'registered',
  'deregistered',
  'held',
  'deltaDiff',
  'error',
] as const
/** The longest that a client takes to stop. */
const STOP_MS = 3_000
const PATIENCE_MS = 10_000

/** One thing that a client told. */
type Told = {
  [E in keyof EurekaEvents]: { readonly event: E } & EurekaEvents[E]
}[keyof EurekaEvents]

export interface TestClient {
  readonly client: EurekaClient
  readonly told: Told[]
  /** What was told under these names, from now on. */
  next<E extends Told['event']>(event: E): Promise<Extract<Told, { event: E }>>
}

/** What registers as `users`. */
export const USERS = { appName: 'users', hostName: '127.0.0.1', ipAddr: '127.0.0.1', port: 9_001 } as const

/** A registry that ends with the test. */
export async function startEureka(options?: EmbeddedEurekaOptions): Promise<EmbeddedEureka> {
  const eureka = await EmbeddedEureka.start(options)
  onTestFinished(() => eureka.stop())
  return eureka
}

/** A client that ends with the test. Time stands still for it until `clock` is advanced. */
export function testClient({
  clock = new SimClock(),
  ...options
}: EurekaClientOptions & { readonly clock?: SimClock }): TestClient {
  const client = new EurekaClient({ random: seededRandom(1), clock, ...options })
  const told: Told[] = []
  for (const event of EVENTS) client.on(event, (payload) => told.push({ event, ...payload } as Told))
  onTestFinished(async () => {
    const stopped = client.stop()
    await clock.advance(STOP_MS)
    await stopped
  })
  return {
    client,
    told,
    next: (event) => {
      const from = told.length
      type Wanted = Extract<Told, { event: typeof event }>
      const find = (): Wanted | undefined =>
        told.slice(from).find((each): each is Wanted => each.event === event)
      return arrived(find, `the event ${event}, but heard ${JSON.stringify(told.slice(from))}`)
    },
  }
}

/** Waits for what only sockets can bring, which no simulated clock hurries. */
export async function arrived<T>(find: () => T | undefined | false, what = 'it'): Promise<T> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const found = find()
    if (found !== undefined && found !== false) return found
    if (performance.now() > until) throw new Error(`never saw ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** A round trip to the server: whatever was on its way to it before has arrived. */
export async function answers(url: string): Promise<void> {
  await (await fetch(`${url}apps`)).arrayBuffer()
}

/** Lets simulated time pass so slowly that answers of real servers arrive in between. */
export async function pass(clock: SimClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += PASS_STEP_MS) {
    await clock.advance(PASS_STEP_MS)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

const PASS_STEP_MS = 1_000
