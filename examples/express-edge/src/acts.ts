// What is done to the upstreams and to the registry while the load runs. Each act takes as long as the script says.

import { setTimeout as sleep } from 'node:timers/promises'
import { allEnded } from './all-ended.ts'
import type { Cast } from './cast.ts'
import type { Fault, RegistryEvent } from './evidence.ts'
import { Ghost } from './ghost.ts'
import { saidSince } from './pictures.ts'
import type { DemoRegistry } from './registry.ts'
import { LOST, planEvents, planFaults, WITHDRAWN } from './script.ts'
import type { EventKind, PlannedEvent, PlannedFault } from './script.ts'
import type { Place, Places } from './services.ts'
import type { Page, Witness } from './witness.ts'

const LOOK_EVERY_MS = 100

export interface ActOptions {
  readonly cast: Cast
  readonly places: Places
  readonly registry: DemoRegistry
  readonly witness: Witness
  /** What the edge service has counted so far. */
  readonly readPage: () => Promise<Page>
  /** When the load began; Unix time. */
  readonly startedAt: number
  /** Ends all acts early. */
  readonly signal: AbortSignal
}

export class Acts {
  readonly faults: Fault[] = []
  readonly events: RegistryEvent[] = []
  readonly knocks: number[] = []
  metDead = 0
  emptyAt: number | undefined
  private readonly options: ActOptions

  constructor(options: ActOptions) {
    this.options = options
  }

  /** One that takes long to undo does not hold up the others: each has its own promise. */
  playFaults(seconds: number): readonly Promise<void>[] {
    return planFaults(seconds).map((fault) => this.playFault(fault))
  }

  /** Events may overlap; each has its own promise. */
  playEvents(seconds: number): readonly Promise<void>[] {
    return planEvents(seconds).map((event) => this.playEvent(event))
  }

  private async playFault({ command, kind, fromMs, toMs }: PlannedFault): Promise<void> {
    const { cast, places, registry, witness, startedAt } = this.options
    const each = (act: (place: Place) => Promise<unknown>): Promise<void> =>
      allEnded(places[command].map(act))
    await this.until(fromMs)
    // On a busy machine somebody may still be starting after what happened before.
    await this.until(Infinity, () => places[command].every((place) => cast.isRunning(place)))
    const from = Date.now()
    const lateMs = Math.max(0, from - (startedAt + fromMs))
    witness.faultBegins(command, kind)
    if (kind === 'killed') await each((place) => cast.kill(place))
    else await each((place) => cast.instance(place).ask({ kind: 'behave', behaviour: kind }, 'behave'))

    await this.until(toMs + lateMs)

    const healsFrom = Date.now()
    if (kind === 'killed') {
      // One by one: a process that starts takes a whole core, and the others are to answer in time.
      for (const place of places[command]) await cast.startInstance(place, registry.url)
    } else await each((place) => cast.instance(place).ask({ kind: 'behave', behaviour: 'healthy' }, 'behave'))
    witness.faultEnds(command)
    this.faults.push({ command, kind, from, healsFrom, to: Date.now() })
  }

  private async playEvent({ kind, fromMs, toMs }: PlannedEvent): Promise<void> {
    // What is not ours is not restarted.
    if (kind === 'registry-restart' && !this.options.registry.isOurs) return
    await this.until(fromMs)
    const from = Date.now()
    const to = await this.act(kind, toMs)
    this.events.push({ kind, from, to })
  }

  /** Resolves with the time at which it was undone; that takes effect a little later. */
  private act(kind: EventKind, toMs: number): Promise<number> {
    switch (kind) {
      case 'registry-restart':
        return this.restartRegistry(toMs)
      case 'out-of-service':
        return this.withdraw(toMs)
      case 'lost':
        return this.lose(toMs)
    }
  }

  private async restartRegistry(toMs: number): Promise<number> {
    const { registry, witness, signal } = this.options
    witness.tell('the registry goes away')
    this.emptyAt = await registry.restart(signal)
    witness.tell('the registry is back, and empty')
    await this.until(toMs)
    return Date.now()
  }

  private async withdraw(toMs: number): Promise<number> {
    const { cast, witness } = this.options
    const place = this.second(WITHDRAWN)
    witness.tell(`${place.id} goes out of service`)
    await cast.instance(place).ask({ kind: 'status', status: 'OUT_OF_SERVICE' }, 'status')
    await this.until(toMs)
    const to = Date.now()
    await cast.instance(place).ask({ kind: 'status', status: 'UP' }, 'status')
    witness.tell(`${place.id} is up again`)
    return to
  }

  private async lose(toMs: number): Promise<number> {
    const { cast, registry, witness } = this.options
    const place = this.second(LOST)
    const failuresBefore = await this.failuresAt(place)
    const since = Date.now()
    await cast.kill(place)
    witness.tell(`${place.id} dies without a word to the registry`)
    const isGone = (): boolean =>
      saidSince(registry.pictures, { id: place.id, status: 'gone', since }) !== undefined
    await this.until(toMs, isGone)
    if (isGone()) {
      witness.tell(`${place.id} is evicted`)
      await this.haunt(place, toMs)
    }
    this.metDead = (await this.failuresAt(place)) - failuresBefore
    const to = Date.now()
    await cast.startInstance(place, registry.url)
    witness.tell(`${place.id} was started again`)
    return to
  }

  /** Calls to the upstream of an instance that failed so far. */
  private async failuresAt({ command }: Place): Promise<number> {
    const { balanced } = await this.options.readPage()
    return balanced.get(command)?.failures ?? 0
  }

  /** Sits at the place of the dead one, and counts the calls that still come. */
  private async haunt({ port }: Place, toMs: number): Promise<void> {
    const ghost = await Ghost.sitAt(port)
    try {
      await this.until(toMs)
    } finally {
      this.knocks.push(...ghost.knocks)
      await ghost.leave()
    }
  }

  private second(command: Place['command']): Place {
    const place = this.options.places[command][1]
    if (place === undefined) throw new Error(`${command} has one instance only`)
    return place
  }

  private until(ms: number, isSo?: () => boolean): Promise<void> {
    return untilMoment(this.options, ms, isSo)
  }
}

/** Waits for a moment of the script, or until something is so. */
export async function untilMoment(
  { startedAt, signal }: Pick<ActOptions, 'startedAt' | 'signal'>,
  ms: number,
  isSo: () => boolean = () => false,
): Promise<void> {
  const at = startedAt + ms
  while (Date.now() < at && !isSo()) {
    await sleep(Math.max(0, Math.min(LOOK_EVERY_MS, at - Date.now())), undefined, { signal })
  }
  signal.throwIfAborted()
}
