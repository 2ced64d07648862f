/**
 * Reads the instruments of one or more runtimes, when asked. Between two readings it costs nothing, and it only hears
 * of instruments that come or leave, so that the last counts of one that leaves are not lost to those it shares a series with.
 */
import { reportInternalError } from '@breakwater/kernel'
import type { Clock, Instrument, Runtime } from '@breakwater/kernel'
import { ROWS } from './core/catalogue.js'
import { readCells } from './core/cells.js'
import type { MetricFamily, SampleGroup } from './core/exposition.js'
import { Roster } from './core/roster.js'
import type { Series } from './core/roster.js'
import type { Row, Subject } from './core/row.js'
import { samplesOf } from './core/samples.js'
import { VERSION } from './version.js'

/** All numbers of one moment. */
export type Snapshot = Readonly<Record<Subject, readonly Series[]>>

/** A metric of the catalogue with its place there. */
export interface CatalogueEntry {
  readonly subject: Subject
  readonly index: number
  readonly row: Row
}

/** The catalogue as a list. */
export const ENTRIES: readonly CatalogueEntry[] = (
  ['command', 'breaker', 'bulkhead', 'registry', 'balancer', 'collector'] as const
).flatMap((subject) => ROWS[subject].map((row: Row, index) => ({ subject, index, row })))

export class Collection {
  private readonly roster: Roster
  private readonly runtimes = new Map<Runtime, () => void>()
  private errors = 0
  private hasWarned = false

  constructor(
    private readonly maxCommands: number,
    maxInstances = 0,
  ) {
    this.roster = new Roster(maxCommands, maxInstances)
  }

  attach(runtime: Runtime): void {
    if (this.runtimes.has(runtime)) return
    const unsubscribes = [
      runtime.on('registered', (instrument) => {
        this.roster.admit(instrument)
      }),
      runtime.on('removed', (instrument) => {
        this.observe(instrument)
        this.roster.retire(instrument)
      }),
    ]
    this.runtimes.set(runtime, () => {
      for (const unsubscribe of unsubscribes) unsubscribe()
    })
  }

  detach(runtime: Runtime): void {
    this.runtimes.get(runtime)?.()
    this.runtimes.delete(runtime)
  }

  /** Reads all instruments now. An instrument that throws is counted and shown as it was last seen. */
  take(clock: Clock): Snapshot {
    const startedAt = clock.now()
    const present = this.present()
    // Those who are gone first: their places are for those who have come.
    this.roster.retainOnly(present)
    for (const instrument of present) this.observe(instrument)
    this.warnOfOverflow()
    const command = this.roster.series('command')
    const breaker = this.roster.series('breaker')
    const bulkhead = this.roster.series('bulkhead')
    const registry = this.roster.series('registry')
    const balancer = this.roster.series('balancer')
    const refused = [...this.runtimes.keys()].reduce((sum, { dropped }) => sum + dropped, 0)
    const own = readCells(ROWS.collector, {
      version: VERSION,
      collectMs: clock.now() - startedAt,
      collectErrors: this.errors,
      dropped: this.roster.dropped + refused,
    })
    const collector = [{ labels: {}, overflow: false, cells: own }]
    return { command, breaker, bulkhead, registry, balancer, collector }
  }

  /** The samples of one metric. A series that cannot be expanded is counted and left out. */
  expand(
    { subject, index, row }: CatalogueEntry,
    snapshot: Snapshot,
    buckets: readonly number[],
  ): SampleGroup[] {
    return snapshot[subject].map((series) => {
      try {
        return { labels: series.labels, samples: samplesOf(row, index, series, buckets) }
      } catch (error) {
        this.count(error)
        return { labels: series.labels, samples: [] }
      }
    })
  }

  /** All metrics with their samples: read at the first step, expanded one by one, because together they are many. */
  *families(prefix: string, clock: Clock, buckets: readonly number[]): Generator<MetricFamily> {
    const snapshot = this.take(clock)
    for (const entry of ENTRIES) {
      const { name, type, help } = entry.row
      yield { name: prefix + name, type, help, groups: this.expand(entry, snapshot, buckets) }
    }
  }

  private present(): Set<Instrument> {
    return new Set([...this.runtimes.keys()].flatMap((runtime) => [...runtime.instruments()]))
  }

  private observe(instrument: Instrument): void {
    try {
      this.roster.observe(instrument)
    } catch (error) {
      this.count(error)
    }
  }

  private count(error: unknown): void {
    this.errors++
    reportInternalError(error, 'metrics: reading an instrument')
  }

  private warnOfOverflow(): void {
    if (this.hasWarned || this.roster.dropped === 0) return
    this.hasWarned = true
    const problem = `more than ${String(this.maxCommands)} names: the others are summed up as "__other__"`
    reportInternalError(new RangeError(problem), 'metrics')
  }
}
