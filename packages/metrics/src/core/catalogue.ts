/**
 * The metric catalogue: one table, from which collecting, rendering and the documentation are made. A metric that is
 * not here does not exist.
 */
import type { Row, Subject } from './row.js'
import { BALANCER_ROWS } from './rows/balancer-rows.js'
import { BREAKER_ROWS } from './rows/breaker-rows.js'
import { BULKHEAD_ROWS } from './rows/bulkhead-rows.js'
import { COLLECTOR_ROWS } from './rows/collector-rows.js'
import { COMMAND_ROWS } from './rows/command-rows.js'
import { REGISTRY_ROWS } from './rows/registry-rows.js'

/** All rows by what they are about. */
export const ROWS: { readonly [S in Subject]: readonly Row<S>[] } = {
  command: COMMAND_ROWS,
  breaker: BREAKER_ROWS,
  bulkhead: BULKHEAD_ROWS,
  registry: REGISTRY_ROWS,
  balancer: BALANCER_ROWS,
  collector: COLLECTOR_ROWS,
}

/** The labels that say which one a series is about. */
export const SUBJECT_LABELS: Readonly<Record<Subject, readonly string[]>> = {
  command: ['command', 'group'],
  breaker: ['command', 'group'],
  bulkhead: ['bulkhead', 'kind'],
  registry: ['client'],
  balancer: ['client'],
  collector: [],
}
