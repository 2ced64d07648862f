/**
 * The phases of an attempt and of a whole call, in their order; each is gone through once.
 */

// Of an attempt.
export const NEW = 0
export const QUEUED = 1
export const RUNNING = 2
export const ENDED = 3
/** Ended for the caller while the work may still run, and hold its slot. */
export const ABANDONED = 4
/** The same, with the slot given back already. */
export const ABANDONED_FREE = 5
/** Abandoned, and its work has ended since. */
export const GONE = 6

// Of a whole call.
export const PENDING = 0
/** The work's end is counted; only a fallback may be running. */
export const CONCLUDED = 1
export const DONE = 2
