/** What can be made to go wrong with the answers of an embedded server. */
import { readOptions } from '@breakwater/kernel'
import { ROUTES } from './core/router.js'
import type { Route } from './core/router.js'

/** The operation that a fault meets; `lists` stands for `apps`, `delta`, `app`, `vip` and `svip`, `any` for all of them. */
export type FaultRoute = Route | 'lists' | 'any'

/** The status is answered, and nothing is done. Without a body there is none, whatever the flavour. */
export interface AnswerFault {
  readonly kind: 'answer'
  readonly status: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The request is served after so many milliseconds of the clock, whatever the server's speed. Delays add up. */
interface DelayFault {
  readonly kind: 'delay'
  readonly delayMs: number
}

/** No answer ever comes; the connection stays open until the server stops. */
interface HangFault {
  readonly kind: 'hang'
}

/** The connection is reset: before anything is done, or with `afterwards` when it is done and only the answer is lost. */
interface DropFault {
  readonly kind: 'drop'
  readonly afterwards?: boolean
}

/** Lists come without any application, in good form. */
interface EmptyRegistryFault {
  readonly kind: 'emptyRegistry'
}

/** The answer says 200 and JSON, and is an HTML page. */
interface GarbageFault {
  readonly kind: 'garbage'
}

/** The connection is reset after this share of the body, 0 to 1; default one half. */
interface TruncateFault {
  readonly kind: 'truncate'
  readonly share?: number
}

/** The body comes in pieces of `bytes` (default 1), `everyMs` apart, in milliseconds of the clock. */
interface SlowFault {
  readonly kind: 'slow'
  readonly everyMs: number
  readonly bytes?: number
}

/** `apps__hashcode` does not fit the instances. */
interface WrongHashFault {
  readonly kind: 'wrongHash'
}

/** One fault. `count` = how many requests it meets; default: until it is healed. */
export type EurekaFault = (
  | AnswerFault
  | DelayFault
  | HangFault
  | DropFault
  | EmptyRegistryFault
  | GarbageFault
  | TruncateFault
  | SlowFault
  | WrongHashFault
) & { readonly count?: number }

/** A fault that is in force. */
export interface ActiveFault {
  /** How many requests it has met. */
  readonly hits: number
  /** Ends it, for later requests. */
  heal(): void
}

/** What meets one request. */
export interface MetFaults {
  readonly delayMs: number
  readonly fault: EurekaFault | undefined
}

const KEYS = [
  'kind',
  'count',
  'status',
  'body',
  'headers',
  'delayMs',
  'afterwards',
  'share',
  'everyMs',
  'bytes',
] as const
const KINDS = [
  'answer',
  'delay',
  'hang',
  'drop',
  'emptyRegistry',
  'garbage',
  'truncate',
  'slow',
  'wrongHash',
] as const
const LISTS: ReadonlySet<Route> = new Set(['apps', 'delta', 'app', 'vip', 'svip'])

class Entry implements ActiveFault {
  hits = 0
  readonly on: FaultRoute
  readonly fault: EurekaFault
  private isHealed = false

  constructor(on: FaultRoute, fault: EurekaFault) {
    this.on = on
    this.fault = fault
  }

  heal(): void {
    this.isHealed = true
  }

  meets(route: Route): boolean {
    if (this.isOver) return false
    return this.on === 'any' || this.on === route || (this.on === 'lists' && LISTS.has(route))
  }

  get isOver(): boolean {
    return this.isHealed || this.hits >= (this.fault.count ?? Infinity)
  }
}

/** The faults in force, oldest first: of those that meet a request, all delays apply, and the first of the others. */
export class FaultSet {
  private entries: Entry[] = []

  add(on: FaultRoute, fault: EurekaFault): ActiveFault {
    checkFault(on, fault)
    this.entries = this.entries.filter(({ isOver }) => !isOver)
    const entry = new Entry(on, { ...fault })
    this.entries.push(entry)
    return entry
  }

  clear(): void {
    for (const entry of this.entries) entry.heal()
    this.entries = []
  }

  /** Takes what meets a request on `route`, and counts it. */
  meet(route: Route): MetFaults {
    let delayMs = 0
    let fault: EurekaFault | undefined
    for (const entry of this.entries) {
      const isDelay = entry.fault.kind === 'delay'
      if (!entry.meets(route) || (!isDelay && fault !== undefined)) continue
      entry.hits += 1
      if (entry.fault.kind === 'delay') delayMs += entry.fault.delayMs
      else fault = entry.fault
    }
    return { delayMs, fault }
  }
}

function checkFault(on: unknown, fault: unknown): void {
  const read = readOptions('EmbeddedEureka.fault', fault, KEYS)
  const kind = read.oneOf('kind', undefined, KINDS)
  if (!['any', 'lists', ...ROUTES].includes(String(on))) {
    read.issue('on', on, `one of "any", "lists", ${ROUTES.map((route) => JSON.stringify(route)).join(', ')}`)
  }
  if (!read.has('kind')) read.issue('kind', undefined, `one of ${KINDS.join(', ')}`)
  read.integer('count', undefined, { min: 1 })
  read.integer('status', undefined, { min: 200, max: 599 })
  read.string('body', undefined)
  read.durationMs('delayMs', undefined)
  read.boolean('afterwards', false)
  read.number('share', undefined, { min: 0, max: 1 })
  read.durationMs('everyMs', undefined)
  read.integer('bytes', undefined, { min: 1 })
  const needed = { answer: 'status', delay: 'delayMs', slow: 'everyMs' } as const
  if (kind === 'answer' || kind === 'delay' || kind === 'slow') {
    const key = needed[kind]
    if (!read.has(key)) read.issue(key, undefined, `a number, which "${kind}" needs`)
  }
  read.finish()
}
