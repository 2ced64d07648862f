/** What became of an attempt's answer. */

/** None so far. */
export const WAITING = 0
/** The caller gets it. */
export const PASSED_ON = 1
/** A failing answer, kept until it is clear whether there is a better one. */
export const KEPT = 2
/** Nobody wants it any more. */
export const DROPPED = 3
