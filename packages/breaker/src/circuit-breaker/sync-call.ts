/**
 * Synchronous work under a breaker: the same admission and the same counting as for a promise, without one.
 */
import { GATE_FREE, GATE_SHUT, invalidArgument } from '@breakwater/kernel'
import type { Admission, InvalidOptionsError, Outcome, Runner } from '@breakwater/kernel'
import type { Gate } from './gate.js'
import type { Ticket } from './ticket.js'

interface SyncAdmission extends Admission {
  readonly startedAt: number
  lease: Ticket | null
}

/** Runs `fn` once admitted; throws `CircuitOpenError`, or what `fn` throws. */
export function callSync<R>(gate: Gate, runner: Runner, fn: () => R): R {
  if (typeof fn !== 'function') throw notAFunction(fn)
  if (gate.gate !== GATE_FREE) return callAsked(gate, fn)
  const { generation } = gate
  let value: R
  try {
    value = fn()
  } catch (error) {
    gate.exit({ generation, lease: null }, { kind: 'failure', error }, gate.options.clock.now(), undefined)
    throw error
  }
  if (runner.tick()) gate.advance(runner.lastRead)
  gate.succeeded(value, generation, undefined)
  return value
}

function callAsked<R>(gate: Gate, fn: () => R): R {
  const startedAt = gate.options.clock.now()
  const admission: SyncAdmission = { generation: 0, lease: null, startedAt }
  const refused = gate.gate === GATE_SHUT ? gate.refuse(startedAt)?.error : undefined
  const refusal = refused ?? gate.enter(admission, Infinity)
  if (refusal !== undefined) throw refusal
  let value: R
  try {
    value = fn()
  } catch (error) {
    end(gate, admission, { kind: 'failure', error })
    throw error
  }
  end(gate, admission, { kind: 'success', value })
  return value
}

// Nobody could see the call become slow while it ran, since it kept the loop busy: its time is measured.
function end(gate: Gate, admission: SyncAdmission, outcome: Outcome<unknown>): void {
  const now = gate.options.clock.now()
  const durationMs = now - admission.startedAt
  if (admission.lease !== null) admission.lease.measuredMs = durationMs
  gate.exit(admission, outcome, now, durationMs)
}

function notAFunction(received: unknown): InvalidOptionsError {
  return invalidArgument('CircuitBreaker.executeSync', { path: 'fn', received, expected: 'a function' })
}
