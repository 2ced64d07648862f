// One run of the demo: starts everything, plays the faults, watches, and ends everything whatever happens.

import { setTimeout as sleep } from 'node:timers/promises'
import { Child } from './child.ts'
import { freePort } from './free-port.ts'
import { plannedAfter } from './pace.ts'
import { PAGES_PER_SECOND } from './promises.ts'
import { planFaults } from './script.ts'
import type { PlannedFault } from './script.ts'
import type { Evidence, Exit, Fault } from './evidence.ts'
import { COMMANDS } from './tally.ts'
import type { CommandName } from './tally.ts'
import { readPage, Witness } from './witness.ts'
import type { Screen } from './screen.ts'

export interface RunOptions {
  readonly seconds: number
  readonly screen: Screen
  /** Ends the run early. */
  readonly signal: AbortSignal
}

interface Upstream {
  readonly name: string
  readonly port: number
  child: Child
}

/** For so long the last requests may be on their way before the numbers are read. */
const DRAIN_MS = 500

/** Plays the whole script. Rejects with an `AggregateError` when that is not possible. No process stays behind either way. */
export async function run({ seconds, screen, signal }: RunOptions): Promise<Evidence> {
  const stage = new Stage(screen, seconds)
  const endAtOnce = (): void => {
    stage.killNow()
  }
  process.once('exit', endAtOnce)
  try {
    return await stage.play(signal)
  } catch (error) {
    // An abort only follows from what else happened.
    const itself = error instanceof Error && error.name === 'AbortError' ? [] : [error]
    const problem = 'the script could not be played to its end'
    throw new AggregateError([...itself, ...stage.incidents], problem, { cause: error })
  } finally {
    await stage.endAll()
    screen.leave()
    process.off('exit', endAtOnce)
  }
}

class Stage {
  private readonly witness: Witness
  private readonly children = new Set<Child>()
  private readonly exits: Exit[] = []
  private readonly faults: Fault[] = []
  private readonly seconds: number

  constructor(screen: Screen, seconds: number) {
    this.seconds = seconds
    this.witness = new Witness(screen, seconds)
  }

  async play(asked: AbortSignal): Promise<Evidence> {
    const { witness, seconds } = this
    const signal = AbortSignal.any([asked, witness.brokenSignal])
    const upstreams = await this.startUpstreams()
    const { child: edge, port } = await this.start('edge', './edge.ts', [], edgeEnvironment(upstreams))
    const { child: load } = await this.start('load', './load.ts')
    const url = `http://127.0.0.1:${String(port)}`

    const startedAt = witness.begin(`${url}/metrics`)
    load.tell({ kind: 'start', url, ratePerSecond: PAGES_PER_SECOND })
    for (const fault of planFaults(seconds)) {
      await until(startedAt + fault.fromMs, signal)
      await this.playFault(fault, upstreams[fault.command], startedAt, signal)
    }
    await until(startedAt + seconds * 1000, signal)

    const endedAt = Date.now()
    const { tally } = await load.ask({ kind: 'stop' }, 'tally')
    await sleep(DRAIN_MS, undefined, { signal })
    witness.end()
    const metrics = await readPage(`${url}/metrics`)
    await this.end(edge, 'code 0')
    await this.endAll()
    return {
      planned: Math.round(plannedAfter(endedAt - startedAt, PAGES_PER_SECOND)),
      tally,
      metrics,
      faults: this.faults,
      endedAt,
      exits: this.exits,
      ...witness.evidence,
    }
  }

  get incidents(): readonly string[] {
    return this.witness.evidence.incidents
  }

  /** Ends everything that still runs; services and load end by a signal, because that is how they are asked. */
  async endAll(): Promise<void> {
    this.witness.end()
    await Promise.all([...this.children].map((child) => this.end(child, 'SIGTERM')))
  }

  killNow(): void {
    for (const child of this.children) child.killNow()
  }

  private async startUpstreams(): Promise<Readonly<Record<CommandName, Upstream>>> {
    const upstreams = COMMANDS.map(async (command) => {
      const name = `upstream of ${command}`
      const port = await freePort()
      const { child } = await this.start(name, './upstream.ts', [String(port)])
      return [command, { name, port, child }] as const
    })
    // One for each command.
    return Object.fromEntries(await Promise.all(upstreams)) as Record<CommandName, Upstream>
  }

  private async playFault(
    { command, kind, toMs }: PlannedFault,
    upstream: Upstream,
    startedAt: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { witness } = this
    const from = Date.now()
    witness.faultBegins(command, kind)
    if (kind === 'killed') this.leave(upstream.child, await upstream.child.kill())
    else await upstream.child.ask({ kind: 'behave', behaviour: kind }, 'behave')

    await until(startedAt + toMs, signal)

    if (kind === 'killed') {
      const { child } = await this.start(upstream.name, './upstream.ts', [String(upstream.port)])
      upstream.child = child
    } else await upstream.child.ask({ kind: 'behave', behaviour: 'healthy' }, 'behave')
    witness.faultEnds(command)
    this.faults.push({ command, kind, from, to: Date.now() })
  }

  private async start(
    name: string,
    file: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ child: Child; port: number }> {
    const started = await Child.start({ name, file, args, env, listener: this.witness })
    this.children.add(started.child)
    return started
  }

  private async end(child: Child, expected: string): Promise<void> {
    this.leave(child, await child.end(expected))
  }

  private leave(child: Child, exit: Exit): void {
    this.children.delete(child)
    this.exits.push(exit)
  }
}

function edgeEnvironment(upstreams: Readonly<Record<CommandName, Upstream>>): Record<string, string> {
  const urlOf = ({ port }: Upstream): string => `http://127.0.0.1:${String(port)}`
  return {
    PORT: '0',
    USERS_URL: urlOf(upstreams.GetUser),
    ORDERS_URL: urlOf(upstreams.GetOrders),
    PRICES_URL: urlOf(upstreams.GetPrices),
  }
}

async function until(at: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, at - Date.now()), undefined, { signal })
}
