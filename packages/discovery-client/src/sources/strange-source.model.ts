/** What the tests of sources that break their contract share. */
import { onInternalError } from '@breakwater/kernel'
import { afterEach, beforeEach } from 'vitest'
import type { InstanceSource, Snapshot } from '../instance.js'

/** What is reported during each test of the file. */
export function reportsOfEach(): readonly string[] {
  const reports: string[] = []
  let stopListening: () => void
  beforeEach(() => {
    reports.length = 0
    stopListening = onInternalError((error, where) => reports.push(`${where}: ${String(error)}`))
  })
  afterEach(() => {
    stopListening()
  })
  return reports
}

/** A snapshot with whatever a test gives for its list. */
export function snapshotOf(instances: unknown, version = 1): Snapshot {
  return { service: 'users', version, updatedAt: 0, instances } as Snapshot
}

/** A source that knows nothing but for what `more` adds. */
export function sourceWith(more: object): InstanceSource {
  return { watch: () => () => {}, snapshot: () => undefined, ...more }
}
