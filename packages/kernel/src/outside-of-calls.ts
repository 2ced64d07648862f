/**
 * Where what belongs to no call runs: shared timers, polls, connections. Begun in the async context of one request, they would
 * keep all that hangs on it alive, run in it for ever, and be taken for its doing by whoever logs or traces.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

/** Runs `run` in the async context in which this package was loaded. */
export const outsideOfCalls: <R>(run: () => R) => R = AsyncLocalStorage.snapshot()
