/**
 * The face that a named breaker shows to exporters.
 */
import type { BreakerReading, Instrument } from '@breakwater/kernel'
import type { MachineConfig } from './core/machine-data.js'
import type { Gate } from './gate.js'
import { look } from './hystrix-view.js'
import { Ledger } from './ledger.js'

export function breakerInstrument(gate: Gate): Instrument {
  const { name = '', group } = gate.options
  return { kind: 'breaker', name, group, read: () => reading(gate) }
}

function reading(gate: Gate): BreakerReading {
  look(gate)
  const { machine, ledger, rejections, options } = gate
  const now = options.clock.now()
  const { total, errorPercent } = machine.judged(now)
  return {
    state: machine.state,
    ...Ledger.read(ledger, machine.state, now - machine.since),
    window: { requests: total, errorRatio: errorPercent / 100 },
    ...thresholds(options.config),
    rejections,
  }
}

function thresholds({
  trip,
  open,
}: MachineConfig): Pick<BreakerReading, 'errorThresholdRatio' | 'requestVolumeThreshold' | 'openMs'> {
  const rate = trip.find((rule) => rule.kind === 'error-rate' || rule.kind === 'count-rate')
  return {
    errorThresholdRatio: rate === undefined ? undefined : rate.percent / 100,
    requestVolumeThreshold: rate?.volume,
    openMs: Math.round(open.delayMs(1, LARGEST, undefined)),
  }
}

// The longest first open time: jitter only shortens it.
const LARGEST = { next: (): number => 1 - Number.EPSILON }
