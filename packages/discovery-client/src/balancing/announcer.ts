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
  const untold: (() => void)[] = []
  // A listener may bring the next list, or end the last call to an instance: that comes after all that happened before.
  const inTurn = (tell: () => void): void => {
    if (untold.push(tell) > 1) return
    for (const next of untold) next()
    untold.length = 0
  }
  const tell = <E extends keyof BalancerEvents>(event: E, payload: BalancerEvents[E]): void => {
    inTurn(() => {
      events.emit(event, payload)
    })
  }
  return {
    changed: ({ duplicates, badWeights, added, removed }) => {
      reportBadList(service, duplicates, badWeights)
      const idle = removed.filter(({ inFlight }) => inFlight === 0)
      inTurn(() => {
        for (const { instance } of removed) events.emit('removed', { instance })
        for (const { instance } of idle) events.emit('drained', { instance })
        for (const { instance } of added) events.emit('added', { instance })
      })
    },
    drained: ({ instance }) => {
      tell('drained', { instance })
    },
    ejected: ({ instance }, detector, forMs) => {
      tell('ejected', { instance, detector, forMs })
    },
    restored: ({ instance }) => {
      tell('restored', { instance })
    },
    panicked: (active) => {
      tell('panic', { active })
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
