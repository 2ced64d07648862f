/**
 * What the options of several policies have in common.
 */

/** Names end up as metric labels. */
export const MAX_NAME_LENGTH = 256

/** The lines of Hystrix that can be followed. They differ in the breaker only. */
export const COMPAT = ['hystrix-1.5.18', 'hystrix-1.5.13'] as const
export type Compat = (typeof COMPAT)[number]

/** The most entries that a cache or a batch may be told to hold. */
export const MAX_ENTRIES = 10_000_000
