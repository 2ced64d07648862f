// How long work takes, before the speed of the server it is done on.

import type { Random } from '@breakwater/kernel'

/** Draws a duration in milliseconds. */
export type Distribution = (random: Random) => number

/** Always the same. */
export function fixed(ms: number): Distribution {
  return () => ms
}

/** Long-tailed, as times of services are; sigma 1 has a 99th percentile of six times the mean. */
export function lognormal(meanMs: number, sigma: number): Distribution {
  const mu = Math.log(meanMs) - sigma ** 2 / 2
  return (random) => Math.exp(mu + sigma * standardNormal(random))
}

/** Around a middle, never below a tenth of it. */
export function normal(meanMs: number, deviationMs: number): Distribution {
  return (random) => Math.max(meanMs / 10, meanMs + deviationMs * standardNormal(random))
}

/** The time between arrivals that come by chance (Poisson). */
export function untilNext(perSecond: number, random: Random): number {
  return (-Math.log(1 - random.next()) * 1_000) / perSecond
}

/** Box and Muller's method. */
function standardNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}
