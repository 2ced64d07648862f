/** What the tests of the ejector share. */
import type { OutcomeKind, Random } from '@breakwater/kernel'
import { instanceOf } from '../../../sources/core/read-instances.js'
import { endingOf } from '../ending.js'
import { Host } from '../host.js'
import { Ejector } from './ejector.js'
import type { EndedCall } from './ejector.js'
import type { EjectionRules } from './rules.js'

/** Every detector is off, and what is found is ejected. */
export const RULES: EjectionRules = {
  consecutiveFailures: undefined,
  consecutiveGatewayFailures: undefined,
  consecutiveLocalFailures: undefined,
  splitLocalFailures: false,
  successRate: undefined,
  failurePercentage: undefined,
  enforcingPercent: {
    consecutiveFailures: 100,
    consecutiveGatewayFailures: 100,
    consecutiveLocalFailures: 100,
    successRate: 100,
    failurePercentage: 100,
    trial: 100,
  },
  spareCommonFaults: false,
  intervalMs: 10_000,
  baseMs: 10_000,
  maxMs: 300_000,
  jitterMs: 0,
  maxEjectedPercent: 50,
  alwaysEjectOne: true,
  recovery: 'trial',
}

/** An ejector over so many hosts, at a time that is told. */
export class Ward {
  now = 0
  /** What the ejector has said, in words. */
  readonly told: string[] = []
  readonly hosts: readonly Host[]
  readonly ejector: Ejector

  constructor(count: number, rules: Partial<EjectionRules>, random: Random = { next: () => 0.5 }) {
    this.hosts = Array.from(
      { length: count },
      (_, index) => new Host(instanceOf({ id: `i${String(index)}`, host: '10.0.0.1', port: 1_000 + index })),
    )
    const notices = {
      ejected: ({ id }: Host, by: string, forMs: number) =>
        void this.told.push(`${id} ${by} for ${String(forMs)} ms`),
      restored: ({ id }: Host) => void this.told.push(`${id} is back`),
    }
    this.ejector = new Ejector({ ...RULES, ...rules }, { random, notices, now: this.now })
    this.ejector.adopt(this.hosts)
    this.at(this.now)
  }

  host(index: number): Host {
    return this.hosts[index] as Host
  }

  /** Goes there, and does what is due; changes are taken note of. */
  at(now: number): this {
    this.now = now
    this.ejector.advance(now)
    this.ejector.hasChanged = false
    return this
  }

  /** Lets as many calls to the host end so, that began at this time, by default now. */
  end(index: number, kind: OutcomeKind, times = 1, call: Partial<EndedCall> = {}): this {
    const { startedAt = this.now, trial = 0 } = call
    for (let count = 0; count < times; count++)
      this.ejector.ended(this.host(index), { startedAt, trial }, endingOf(kind, undefined), this.now)
    return this
  }

  /** Begins the trial of the host, whose time is over. */
  trial(index: number): number {
    return this.ejector.picked(this.host(index), this.now)
  }
}
