// Runs one scenario with one strategy and one seed. Arrivals, clients and the work of each call come from a stream of chance
// of their own, so that every strategy is asked to serve the same calls.

import { createBalancer } from '@breakwater/discovery-client'
import type { Balancer, Instance, InstanceSource, Snapshot } from '@breakwater/discovery-client'
import { isBreakwaterError, seededRandom } from '@breakwater/kernel'
import type { Random } from '@breakwater/kernel'
import type { Contestant } from './contestants.ts'
import type { Cast, Member, Scenario } from './scenarios/scenario.ts'
import { Call, JUDGEMENTS } from './core/call.ts'
import type { CallWorld, Chosen, Judgements, Verdict } from './core/call.ts'
import { untilNext } from './core/distributions.ts'
import { EventQueue } from './core/event-queue.ts'
import type { Answer, Server } from './core/server.ts'
import { Trace } from './core/trace.ts'
import { virtualClock } from './core/virtual-clock.ts'

/** Runs it to the end. The same arguments give the same trace, on every machine. */
export function run(scenario: Scenario, contestant: Contestant, seed: number): Trace {
  const world = new World(scenario, contestant, seed)
  return world.play()
}

class World implements CallWorld {
  readonly queue: EventQueue = new EventQueue()
  readonly timeoutMs: number | undefined
  readonly attempts: number
  readonly judgements: Judgements
  private readonly scenario: Scenario
  private readonly cast: Cast
  private readonly trace: Trace
  private readonly balancers: readonly Balancer[]
  private readonly source: ListSource
  private readonly arrivals: Random
  private readonly waits: Random
  private readonly stage: Random
  private readonly open = new Set<Call>()
  /** Calls that wait for room, by client. */
  private readonly lines: readonly Call[][]

  constructor(scenario: Scenario, contestant: Contestant, seed: number) {
    this.scenario = scenario
    this.timeoutMs = scenario.timeoutMs
    this.attempts = scenario.retries?.attempts ?? 1
    this.judgements = { ...JUDGEMENTS, ...scenario.judgements }
    this.cast = scenario.cast(this.queue)
    this.trace = new Trace(this.cast.servers.length)
    const base = `${scenario.id} ${String(seed)}`
    this.arrivals = seededRandom(`${base} arrivals`)
    this.waits = seededRandom(`${base} waits`)
    this.stage = seededRandom(`${base} stage`)
    this.source = new ListSource(this.queue)
    this.source.publish(this.cast.members)
    const clock = virtualClock(this.queue)
    const length = scenario.clients * (scenario.isApart === true ? (scenario.endpoints ?? 1) : 1)
    this.lines = Array.from({ length }, () => [])
    this.balancers = Array.from({ length }, (_, client) =>
      createBalancer({
        ...contestant.options,
        limit: scenario.limit,
        source: this.source,
        service: 'fleet',
        clock,
        random: seededRandom(`${base} client ${String(client)}`),
      }),
    )
  }

  play(): Trace {
    const { queue, source, scenario } = this
    this.cast.play?.({
      queue,
      random: this.stage,
      publish: (members) => {
        source.publish(members)
      },
    })
    queue.plan(0, {
      fire: () => {
        this.planArrival()
      },
    })
    queue.runUntil(scenario.durationMs + scenario.drainMs)
    for (const call of this.open) this.trace.note(call, 'open', queue.now)
    for (const balancer of this.balancers) balancer.dispose()
    return this.trace
  }

  isRetried = (answer: Answer): boolean => this.scenario.retries?.isRetried(answer) ?? false

  backoffMs = (attempt: number): number => this.scenario.retries?.backoffMs(attempt, this.waits) ?? 0

  choose(call: Call): Chosen | 'full' | undefined {
    const balancer = this.balancers[call.client] as Balancer
    try {
      const pick = call.tried === undefined ? balancer.pick() : balancer.pick({ exclude: call.tried })
      // A port says which server it is.
      const index = pick.instance.port - 1
      this.trace.sent(index, this.queue.now)
      return { pick, server: this.cast.servers[index] as Server, index }
    } catch (error) {
      if (isBreakwaterError(error) && error.code === 'ERR_NO_INSTANCES') return undefined
      if (isBreakwaterError(error) && error.code === 'ERR_BULKHEAD_FULL') return 'full'
      throw error
    }
  }

  // Calls wait here as in the `limit.queue` of a balancer, whose promises this simulation does without.
  wait(call: Call): void {
    this.lines[call.client]?.push(call)
  }

  left(client: number): void {
    const line = this.lines[client] as Call[]
    for (let next = line.shift(); next !== undefined; next = line.shift()) {
      if (next.isSent()) continue
      line.unshift(next)
      return
    }
  }

  ended(call: Call, verdict: Verdict): void {
    this.open.delete(call)
    this.trace.note(call, verdict, this.queue.now)
  }

  private planArrival(): void {
    const { scenario, queue, arrivals } = this
    const rate = scenario.perSecond(queue.now)
    const next = queue.now + (scenario.isEven === true ? 1_000 / rate : untilNext(rate, arrivals))
    if (next >= scenario.durationMs) return
    queue.plan(next, this.arrival)
  }

  // One event for all arrivals.
  private readonly arrival = {
    fire: (): void => {
      const { scenario, arrivals } = this
      const client = Math.floor(arrivals.next() * scenario.clients)
      const endpoint = Math.floor(arrivals.next() * (scenario.endpoints ?? 1))
      // Who keeps operations apart is a client for each of them.
      const part = scenario.isApart === true ? endpoint * scenario.clients : 0
      const call = new Call(this, client + part, scenario.demand(arrivals), endpoint)
      this.open.add(call)
      call.begin()
      this.planArrival()
    },
  }
}

/** A registry that says what the script says. */
class ListSource implements InstanceSource {
  private readonly queue: EventQueue
  private readonly listeners = new Set<(snapshot: Snapshot) => void>()
  private current: Snapshot = { service: 'fleet', instances: [], version: 0, updatedAt: 0 }

  constructor(queue: EventQueue) {
    this.queue = queue
  }

  publish(members: readonly Member[]): void {
    const version = this.current.version + 1
    const instances = members.map(instanceOf)
    this.current = { service: 'fleet', instances, version, updatedAt: this.queue.now }
    for (const listener of this.listeners) listener(this.current)
  }

  watch(_service: string, listener: (snapshot: Snapshot) => void): () => void {
    this.listeners.add(listener)
    listener(this.current)
    return () => this.listeners.delete(listener)
  }

  snapshot(): Snapshot {
    return this.current
  }
}

function instanceOf({ server, generation = 0, zone }: Member): Instance {
  return {
    id: `s${String(server)}-${String(generation)}`,
    host: '10.0.0.1',
    port: server + 1,
    secure: false,
    status: 'UP',
    metadata: {},
    weight: 1,
    ...(zone === undefined ? {} : { zone }),
  }
}
