/**
 * Lets instances that have just come warm up: their share grows from a small part to all of it (Envoy's slow start). Each ramps from the
 * moment at which it came up itself, so later comers change nothing for earlier ones.
 */

/** How to ramp. */
export interface SlowStart {
  readonly windowMs: number
  readonly aggression: number
  readonly minPercent: number
}

/** The part of its share that an instance gets, above 0 and up to 1. */
export function rampOf({ windowMs, aggression, minPercent }: SlowStart, upForMs: number): number {
  if (upForMs >= windowMs) return 1
  return Math.max(minPercent / 100, (Math.max(0, upForMs) / windowMs) ** (1 / aggression))
}
