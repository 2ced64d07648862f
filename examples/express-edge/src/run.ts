// One run of the demo: starts everything, plays the script, watches, and ends everything whatever happens.

import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Acts } from './acts.ts'
import { allEnded } from './all-ended.ts'
import { Cast } from './cast.ts'
import type { Evidence } from './evidence.ts'
import { plannedAfter } from './pace.ts'
import { PAGES_PER_SECOND } from './promises.ts'
import { DemoRegistry } from './registry.ts'
import { edgeEnvironment, findPlaces, idsOf } from './services.ts'
import type { Places } from './services.ts'
import { Troubles } from './troubles.ts'
import { readPage, Witness } from './witness.ts'
import type { Screen } from './screen.ts'

export interface RunOptions {
  readonly seconds: number
  readonly screen: Screen
  /** Base URL of a running Eureka server; without it the run has one of its own. */
  readonly eurekaUrl: string | undefined
  /** Ends the run early. */
  readonly signal: AbortSignal
}

/** For so long the last requests may be on their way before the numbers are read. */
const DRAIN_MS = 500
/** Servers with their own settings show in half a minute what is registered. */
const REGISTERED_LIMIT_MS = 60_000

/** Plays the whole script. Rejects with an `AggregateError` when that is not possible. No process stays behind either way. */
export async function run(options: RunOptions): Promise<Evidence> {
  const stage = await Stage.build(options)
  const endAtOnce = (): void => {
    stage.killNow()
  }
  process.once('exit', endAtOnce)
  try {
    return await stage.play(options.signal)
  } catch (error) {
    const { incidents } = stage
    const problem = 'the script could not be played to its end'
    throw new AggregateError([...reasonsOf(error, incidents), ...incidents], problem, { cause: error })
  } finally {
    await stage.clear()
    options.screen.leave()
    process.off('exit', endAtOnce)
  }
}

/** An abort only follows from what else happened, which may be known as an incident. */
function reasonsOf(error: unknown, incidents: readonly string[]): readonly unknown[] {
  const isAbort = error instanceof Error && error.name === 'AbortError'
  const reason = isAbort ? (error.cause ?? error) : error
  return reason instanceof Error && incidents.includes(reason.message) ? [] : [reason]
}

class Stage {
  private readonly seconds: number
  private readonly places: Places
  private readonly registry: DemoRegistry
  private readonly witness: Witness
  private readonly cast: Cast

  private constructor({ seconds, screen }: RunOptions, places: Places, registry: DemoRegistry) {
    this.seconds = seconds
    this.places = places
    this.registry = registry
    this.witness = new Witness({ screen, ofSeconds: seconds, registry, ids: idsOf(places) })
    this.cast = new Cast(this.witness)
  }

  static async build(options: RunOptions): Promise<Stage> {
    const { eurekaUrl } = options
    // In a registry that is not ours, others may have users and orders too.
    const places = await findPlaces(eurekaUrl === undefined ? '' : `demo-${randomBytes(2).toString('hex')}-`)
    const registrants = Object.values(places)
      .flat()
      .map(({ service, id }) => ({ app: service, id }))
    return new Stage(options, places, await DemoRegistry.open(eurekaUrl, registrants))
  }

  async play(asked: AbortSignal): Promise<Evidence> {
    const { witness, cast, registry, places } = this
    const signal = AbortSignal.any([asked, witness.brokenSignal])
    const { edge, port, load } = await this.startAll(signal)
    const url = `http://127.0.0.1:${String(port)}`

    const startedAt = witness.begin(`${url}/metrics`)
    load.tell({ kind: 'start', url, ratePerSecond: PAGES_PER_SECOND })
    const { acts, troubles } = await this.act(`${url}/metrics`, startedAt, signal)

    const endedAt = Date.now()
    const { tally } = await load.ask({ kind: 'stop' }, 'tally')
    await sleep(DRAIN_MS, undefined, { signal })
    witness.end()
    const { commands: metrics, balanced } = await readPage(`${url}/metrics`)
    const { isOurs, pictures } = registry
    await cast.end(edge)
    await cast.endAll()
    const leftBehind = await registry.leftBehind()
    const { faults, events, knocks, metDead, emptyAt } = acts
    return {
      planned: Math.round(plannedAfter(endedAt - startedAt, PAGES_PER_SECOND)),
      tally,
      metrics,
      faults,
      registry: { isOurs, instances: idsOf(places), events, pictures, emptyAt, knocks, metDead, leftBehind },
      troubles: troubles.seen,
      balanced,
      endedAt,
      exits: cast.exits,
      ...witness.evidence,
    }
  }

  get incidents(): readonly string[] {
    return this.witness.evidence.incidents
  }

  /** Ends everything that still runs. */
  async clear(): Promise<void> {
    this.witness.end()
    await this.cast.endAll()
    await this.registry.close()
  }

  killNow(): void {
    this.cast.killNow()
  }

  /** The upstreams first: the edge service begins with what it finds in the registry. */
  private async startAll(signal: AbortSignal): Promise<Players> {
    const { cast, places, registry } = this
    const instances = Object.values(places).flat()
    registry.watch()
    await allEnded(instances.map((place) => cast.startInstance(place, registry.url)))
    await registry.allUp(REGISTERED_LIMIT_MS, signal)
    const { child: edge, port } = await cast.startEdge(edgeEnvironment(places, registry.url))
    return { edge, port, load: await cast.startLoad() }
  }

  /** Plays the script to its end. When one act cannot be played, it rejects after all have stopped. */
  private async act(url: string, startedAt: number, asked: AbortSignal): Promise<Played> {
    const { cast, places, registry, witness, seconds } = this
    const problem = new AbortController()
    const signal = AbortSignal.any([asked, problem.signal])
    const options = { cast, places, registry, witness, startedAt, signal, readPage: () => readPage(url) }
    const acts = new Acts(options)
    const troubles = new Troubles(options)
    const end = sleep(startedAt + seconds * 1000 - Date.now(), undefined, { signal })
    const all = [...acts.playFaults(seconds), troubles.play(seconds), ...acts.playEvents(seconds), end]
    await allEnded(
      all.map((act) =>
        act.catch((error: unknown) => {
          problem.abort(error)
          throw error
        }),
      ),
    )
    return { acts, troubles }
  }
}

interface Played {
  readonly acts: Acts
  readonly troubles: Troubles
}

interface Players {
  readonly edge: Parameters<Cast['end']>[0]
  readonly port: number
  readonly load: Parameters<Cast['end']>[0]
}
