/**
 * The formulas of waiting longer each time, free of options and state. All take validated numbers (finite, not
 * negative, `maxMs` at least the first delay) and give a delay within 0..maxMs whatever the step, also where the
 * power overflows. Jitter follows Marc Brooker, "Exponential Backoff and Jitter" (AWS Architecture Blog, 2015).
 */

/** How chance spreads a delay: not at all, over 0..delay, or over its upper half. */
export type Jitter = false | 'full' | 'equal'

/** `step × baseMs`, at most `maxMs`. Step 1 is the first delay; less counts as 1. */
export function linearMs(step: number, baseMs: number, maxMs: number): number {
  return Math.min(maxMs, baseMs * atLeastOne(step))
}

/** `firstMs × factor^(step − 1)`, at most `maxMs`. Step 1 is the first delay; less counts as 1. */
export function exponentialMs(
  step: number,
  rule: { firstMs: number; maxMs: number; factor: number },
): number {
  // Zero times an overflown power would not be a number.
  if (rule.firstMs === 0) return 0
  return Math.min(rule.maxMs, rule.firstMs * rule.factor ** (atLeastOne(step) - 1))
}

/** A delay spread by chance; `chance` is in 0..1. Never more than the delay. */
export function jittered(delayMs: number, jitter: Exclude<Jitter, false>, chance: number): number {
  switch (jitter) {
    case 'full':
      return delayMs * chance
    case 'equal':
      return delayMs * (0.5 + chance / 2)
  }
}

/**
 * Uniform over `baseMs`..3 × previous delay, at most `maxMs`. Without a previous delay it takes `baseMs` for it.
 */
export function decorrelatedMs(
  rule: { baseMs: number; maxMs: number },
  previousMs: number | undefined,
  chance: number,
): number {
  const { baseMs, maxMs } = rule
  const known = previousMs ?? baseMs
  // The comparison is false for NaN, too.
  const previous = known > baseMs ? Math.min(known, maxMs) : baseMs
  return Math.min(maxMs, baseMs + (previous * 3 - baseMs) * chance)
}

function atLeastOne(step: number): number {
  // NaN is no step either.
  return Math.max(1, step || 1)
}
