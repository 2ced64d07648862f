// A trace in the recorded format: what every execution came to, what the probes saw, and what the notifier heard.

export interface Trace {
  readonly scenario: string
  readonly execs: Readonly<Record<string, ExecTrace>>
  readonly probes: readonly ProbeTrace[]
  /** `KEY:EVENT`, in the order in which they happened. */
  readonly notifier: readonly string[]
  /** The requests of each batch, in the order in which the batches began. */
  readonly batches?: readonly (readonly string[])[]
  readonly line: string
  readonly version: string
}

/** Of a collapser's request only `value` or `error` and `doneAt` are known. A cancelled observation has neither answer nor end. */
export interface ExecTrace {
  /** `queue()` came back with a future. */
  readonly queued?: boolean
  readonly value?: string
  readonly error?: ErrorTrace
  readonly doneAt?: number
  readonly events?: readonly string[]
  readonly inThread?: boolean
  readonly fromCache?: boolean
  readonly latency?: number
  readonly execEx?: string | null
  readonly failEx?: string | null
  readonly runCalls?: number
  readonly fbCalls?: number
  readonly hooks?: readonly string[]
}

/** The names of an execution's members. */
const MEMBERS: Readonly<Record<keyof ExecTrace, true>> = {
  ...{ queued: true, value: true, error: true, doneAt: true, events: true, hooks: true, inThread: true },
  ...{ fromCache: true, latency: true, execEx: true, failEx: true, runCalls: true, fbCalls: true },
}
export const EXEC_MEMBERS: readonly string[] = Object.keys(MEMBERS)

export interface ErrorTrace {
  readonly type: string
  readonly failureType?: string
  readonly fallbackError?: string | null
  readonly message: string | null
  readonly cause?: string
}

export type ProbeTrace = NumbersTrace | LogTrace

interface LogTrace {
  readonly log: string
}

export interface NumbersTrace {
  readonly open: boolean | null
  readonly total: number
  readonly errors: number
  readonly pct: number
  readonly concurrent: number
  readonly maxConcurrent: number
  readonly rolling: Readonly<Record<string, number>>
  readonly cumulative: Readonly<Record<string, number>>
  readonly p50: number
  readonly p100: number
  readonly mean: number
  readonly totalP50: number
  readonly pool: PoolTrace
  readonly at: number
}

interface PoolTrace {
  readonly active: number
  readonly queue: number
  readonly executed: number
  readonly rejected: number
}

/** A trace and when its entries happened, which the recorded format leaves out. */
export interface TimedTrace {
  readonly trace: Trace
  /** When each entry of `notifier` happened. */
  readonly notifierAt: readonly number[]
  /** When each of `batches` began. */
  readonly batchesAt: readonly number[]
}
