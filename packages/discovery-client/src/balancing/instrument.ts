/** The face that a named balancer shows to exporters. */
import { defaultRuntime } from '@breakwater/kernel'
import type { BalancedInstanceReading, BalancerReading, Clock, Instrument, Runtime } from '@breakwater/kernel'
import type { BalancedInstance, BalancerSnapshot } from './balancer-snapshot.js'

interface InstrumentSetting {
  readonly name: string | undefined
  readonly runtime: Runtime | undefined
  readonly clock: Clock
}

/** Registers the instrument of a balancer that has a name; the returned function removes it. */
export function registerInstrument(
  { name, runtime, clock }: InstrumentSetting,
  snapshot: () => BalancerSnapshot,
): () => void {
  if (name === undefined) return () => {}
  const instrument: Instrument = { kind: 'balancer', name, read: () => readingOf(snapshot(), clock) }
  return (runtime ?? defaultRuntime()).register(instrument)
}

function readingOf(snapshot: BalancerSnapshot, clock: Clock): BalancerReading {
  const { strategy, calls, inFlight, instances, detectors, panic, panicPicks, rebuilds, updatedAt } = snapshot
  return {
    strategy,
    calls,
    inFlight,
    instances: instances.map(instanceOf),
    ejections: detectors,
    panic,
    panicPicks,
    rebuilds,
    // Sources tell monotonic time; exporters show that of the wall clock.
    listUpdatedAt: updatedAt === undefined ? undefined : clock.epochNow() - (clock.now() - updatedAt),
  }
}

function instanceOf(instance: BalancedInstance): BalancedInstanceReading {
  const { id, zone, inFlight, limit, latencyMs, score, successes, failures, timeouts, neutral } = instance
  const calls = { success: successes, failure: failures, timeout: timeouts, neutral }
  return { id, zone, state: stateOf(instance), inFlight, limit, latencyMs, score, calls }
}

function stateOf({ status, phase }: BalancedInstance): BalancedInstanceReading['state'] {
  if (status !== 'UP') return 'down'
  if (phase === 'serving') return 'available'
  return phase === 'ejected' ? 'ejected' : 'trial'
}
