/** What to answer instead. */
export { Fallback } from './fallback.js'
export type { FallbackAnswer, FallbackEvents } from './fallback.js'
export type { FallbackHandler, FallbackOptions } from './fallback-options.js'
export type { FallbackCause } from '@breakwater/kernel'
