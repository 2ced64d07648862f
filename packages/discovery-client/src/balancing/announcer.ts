/** Turns what a fleet notices into events, and reports what somebody should repair. */
import { reportInternalError } from '@breakwater/kernel'
import type { Emitter } from '@breakwater/kernel'
import type { BalancerEvents } from './balancer-events.js'
import type { FleetNotices } from './fleet.js'

export function announcer(
  service: string,
  events: Emitter<BalancerEvents>,
  leakAlarmMs: number | undefined,
): FleetNotices {
  let hasReportedLeak = false
  return {
    changed: ({ duplicates, badWeights, added, removed }) => {
      reportBadList(service, duplicates, badWeights)
      for (const { instance } of removed) events.emit('removed', { instance })
      for (const host of removed) {
        if (host.inFlight === 0) events.emit('drained', { instance: host.instance })
      }
      for (const { instance } of added) events.emit('added', { instance })
    },
    drained: ({ instance }) => {
      events.emit('drained', { instance })
    },
    ejected: ({ instance }, detector, forMs) => {
      events.emit('ejected', { instance, detector, forMs })
    },
    restored: ({ instance }) => {
      events.emit('restored', { instance })
    },
    panicked: (active) => {
      events.emit('panic', { active })
    },
    overdue: (hosts) => {
      for (const { instance, open } of hosts) events.emit('overdue', { instance, picks: open.overdue })
      if (hasReportedLeak) return
      hasReportedLeak = true
      const picks = hosts.reduce((sum, { open }) => sum + open.overdue, 0)
      const problem = `${service}: ${String(picks)} picks were not done within ${String(leakAlarmMs)} ms; they count as in flight until done() is called`
      reportInternalError(new Error(problem), 'picks of a balancer')
    },
  }
}

function reportBadList(service: string, duplicates: number, badWeights: number): void {
  if (duplicates + badWeights === 0) return
  const problem = `${service}: ${String(duplicates)} duplicate ids and ${String(badWeights)} bad weights in the list`
  reportInternalError(new RangeError(problem), 'instances of a balancer')
}
