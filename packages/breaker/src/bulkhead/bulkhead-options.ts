/**
 * The options of a bulkhead, their defaults and their check.
 */
import { defaultRuntime, readOptions, systemClock } from '@breakwater/kernel'
import type { Call, Clock, Runtime } from '@breakwater/kernel'
import { MAX_NAME_LENGTH } from '../common-options.js'
import type { SlotQueueOptions, SlotRules } from './slot-rules.js'

export interface BulkheadOptions {
  /** Calls that may run at once, 1 to 1 000 000. Default 100. */
  readonly limit?: number | undefined
  /** Where calls wait for a slot. Default: nobody waits. */
  readonly queue?: SlotQueueOptions | undefined
  /** A higher number goes first. Asked when a call begins to wait; a throw is reported and means 0. Default: all equal. */
  readonly priority?: ((call: Call) => number) | undefined
  /**
   * Whether a call that ends early (timeout, caller's abort) frees its slot although its work may still run, as
   * Hystrix does. Default `false`: the slot is free when the work has really ended.
   */
  readonly releaseOnTimeout?: boolean | undefined
  /** Registers an instrument for exporters. */
  readonly name?: string | undefined
  readonly group?: string | undefined
  /** Where a named bulkhead registers. Default: the runtime of the process. */
  readonly runtime?: Runtime | undefined
  readonly clock?: Clock | undefined
}

/** Options as they are in force. */
export interface ResolvedBulkhead extends SlotRules {
  readonly group: string | undefined
  readonly runtime: Runtime | undefined
}

const KEYS = ['limit', 'queue', 'priority', 'releaseOnTimeout', 'name', 'group', 'runtime', 'clock'] as const
const DEFAULT_LIMIT = 100
const MAX_COUNT = 1_000_000

/** Checks and completes options; throws `InvalidOptionsError` with every fault. */
export function resolveBulkheadOptions(options: BulkheadOptions | undefined): ResolvedBulkhead {
  const read = readOptions('Bulkhead', options, KEYS)
  const queue = read.nested('queue', ['limit', 'maxWaitMs', 'order'])
  const name = read.string('name', undefined, { maxLength: MAX_NAME_LENGTH })
  const runtime = read.runtime('runtime', undefined)
  const resolved: ResolvedBulkhead = {
    limit: read.integer('limit', DEFAULT_LIMIT, { min: 1, max: MAX_COUNT }),
    queueLimit: queue.integer('limit', 0, { min: 0, max: MAX_COUNT }),
    maxWaitMs: queue.durationMs('maxWaitMs', undefined) ?? Infinity,
    order: queue.oneOf('order', 'fifo', ['fifo', 'lifo']),
    priority: read.fn<(call: Call) => number>('priority'),
    releaseOnTimeout: read.boolean('releaseOnTimeout', false),
    name,
    group: read.string('group', undefined, { maxLength: MAX_NAME_LENGTH }),
    runtime: name === undefined ? undefined : (runtime ?? defaultRuntime()),
    clock: read.clock('clock', systemClock),
  }
  read.finish()
  return Object.freeze(resolved)
}
