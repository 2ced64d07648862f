// Sees a run: hears the processes, reads the metrics every second, shows both, and keeps what the summary needs.

import type { ChildListener } from './child.ts'
import type { Message, Progress, StateChange } from './messages.ts'
import { readBalancers, readInstances, sharesBetween } from './instance-numbers.ts'
import type { BalancedNumbers, CallsByInstance } from './instance-numbers.ts'
import { readCommands, rowBetween } from './observations.ts'
import type { CommandNumbers } from './observations.ts'
import { upCount } from './pictures.ts'
import type { DemoRegistry } from './registry.ts'
import type { Screen } from './screen.ts'
import { parseSamples } from './prometheus-text.ts'
import type { FaultKind, TroubleKind } from './script.ts'
import type { Place } from './services.ts'
import type { Evidence, Stall } from './evidence.ts'
import { COMMANDS } from './tally.ts'
import type { CommandName } from './tally.ts'

const EVERY_MS = 1_000
const PAGE_LIMIT_MS = 2_000
const MAX_INCIDENTS = 20
const MAX_INCIDENT_LENGTH = 200

/** What one page of metrics says. */
export interface Page {
  readonly commands: ReadonlyMap<string, CommandNumbers>
  readonly balanced: ReadonlyMap<CommandName, BalancedNumbers>
  readonly instances: CallsByInstance
}

export interface WitnessOptions {
  readonly screen: Screen
  readonly ofSeconds: number
  readonly registry: Pick<DemoRegistry, 'statuses'>
  /** Who should be in the registry, by command. */
  readonly ids: Readonly<Record<CommandName, readonly string[]>>
}

export class Witness implements ChildListener {
  private readonly broken = new AbortController()
  private readonly options: WitnessOptions
  /** What happened, and how often. */
  private readonly incidents = new Map<string, number>()
  private readonly changes: StateChange[] = []
  private readonly faults = new Map<CommandName, FaultKind>()
  private readonly troubles = new Map<string, TroubleKind>()
  private readonly stalls = new Map<string, Stall[]>()
  private progress: Progress | undefined
  private startedAt = Date.now()
  private timer: NodeJS.Timeout | undefined
  private lastPage: Page = { commands: new Map(), balanced: new Map(), instances: {} }
  private lastReadAt = 0

  constructor(options: WitnessOptions) {
    this.options = options
  }

  /** The load begins now, Unix time; from now on the metrics at `url` are read and shown. */
  begin(url: string): number {
    this.startedAt = this.lastReadAt = Date.now()
    let isReading = false
    this.timer = setInterval(() => {
      if (isReading) return
      isReading = true
      readPage(url)
        .then((page) => {
          if (this.timer !== undefined) this.show(page)
        })
        .catch((error: unknown) => {
          if (this.timer !== undefined) this.incident(`/metrics: ${String(error)}`)
        })
        .finally(() => {
          isReading = false
        })
    }, EVERY_MS)
    return this.startedAt
  }

  end(): void {
    clearInterval(this.timer)
    this.timer = undefined
  }

  get evidence(): Pick<Evidence, 'changes' | 'incidents' | 'stalls'> {
    const incidents = [...this.incidents].map(([what, count]) =>
      count === 1 ? what : `${String(count)} × ${what}`,
    )
    return { changes: this.changes, incidents, stalls: this.stalls }
  }

  faultBegins(command: CommandName, kind: FaultKind): void {
    this.faults.set(command, kind)
  }

  faultEnds(command: CommandName): void {
    this.faults.delete(command)
  }

  troubleBegins(kind: TroubleKind, places: readonly Place[]): void {
    for (const { id } of places) this.troubles.set(id, kind)
    this.tell(`${kind}: ${places.map(({ id }) => id).join(', ')}`)
  }

  troubleEnds(places: readonly Place[]): void {
    for (const { id } of places) this.troubles.delete(id)
    this.tell(`${places.map(({ id }) => id).join(', ')}: well again`)
  }

  /** Something worth a line has happened to the registry or to an instance. */
  tell(what: string): void {
    this.options.screen.told(what, this.secondsAt(Date.now()))
  }

  message(name: string, message: Message): void {
    switch (message.kind) {
      case 'progress':
        this.progress = message
        break
      case 'transition':
        this.changes.push(message)
        this.options.screen.changed(message, this.secondsAt(message.atMs))
        break
      case 'stall':
        this.stalls.set(name, [...(this.stalls.get(name) ?? []), { at: Date.now(), maxMs: message.maxMs }])
        break
      case 'incident':
        this.incident(`${name}: ${message.what}`)
        break
      default:
    }
  }

  /** Aborts when a process ended that is still needed. */
  get brokenSignal(): AbortSignal {
    return this.broken.signal
  }

  endedEarly(what: string): void {
    this.incident(what)
    this.broken.abort(new Error(what))
  }

  incident(what: string): void {
    const [firstLine = ''] = what.split('\n')
    const text = firstLine.slice(0, MAX_INCIDENT_LENGTH)
    const count = this.incidents.get(text) ?? 0
    if (count > 0 || this.incidents.size < MAX_INCIDENTS) this.incidents.set(text, count + 1)
  }

  private show(page: Page): void {
    const now = Date.now()
    const commands = COMMANDS.map((name) => {
      const numbers = page.commands.get(name)
      const seconds = (now - this.lastReadAt) / 1000
      const row =
        numbers === undefined ? undefined : rowBetween(this.lastPage.commands.get(name), numbers, seconds)
      const shares = sharesBetween(this.lastPage.instances, page.instances, this.options.ids[name]).map(
        ({ id, share }) => ({ id, share, trouble: this.troubles.get(id) }),
      )
      return { name, fault: this.faults.get(name), row, shares }
    })
    this.lastPage = page
    this.lastReadAt = now
    const { progress } = this
    const { screen, ofSeconds, registry } = this.options
    const ids = Object.values(this.options.ids).flat()
    const registered =
      registry.statuses === undefined ? undefined : { up: upCount(registry.statuses, ids), of: ids.length }
    screen.show({ atSeconds: this.secondsAt(now), ofSeconds, commands, progress, registered })
  }

  private secondsAt(at: number): number {
    return (at - this.startedAt) / 1000
  }
}

/** What `/metrics` says now. */
export async function readPage(url: string): Promise<Page> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PAGE_LIMIT_MS) })
  if (!response.ok) throw new Error(`answered ${String(response.status)}`)
  const text = await response.text()
  const samples = parseSamples(text)
  return { commands: readCommands(text), balanced: readBalancers(samples), instances: readInstances(samples) }
}
