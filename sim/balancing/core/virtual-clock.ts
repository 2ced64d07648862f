// The time of the events, as the library sees time. Simulations of millions of calls need no timers that settle promises in
// between, which is what SimClock of @breakwater/testing is for, so this one is bare.

import type { Cancel, Clock } from '@breakwater/kernel'
import type { EventQueue } from './event-queue.ts'

/** A clock that shows the time of the queue. */
export function virtualClock(queue: EventQueue): Clock {
  return {
    now: () => queue.now,
    epochNow: () => queue.now,
    schedule: (at, run): Cancel => {
      let isCancelled = false
      queue.at(at, () => {
        if (!isCancelled) run()
      })
      return () => {
        isCancelled = true
      }
    },
  }
}
