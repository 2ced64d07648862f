// How hard a child tries. `QUICK` is for a first look at a change: its spread is wide and it judges nothing finally.

/** Lengths and counts of one child's measurement. */
export interface Effort {
  /** Pairs of segments, bare and case. */
  readonly passes: number
  readonly segmentMs: number
  /** Fresh breakers per window size in the growth case, while the budget lasts (at least two). */
  readonly growthRepeats: number
  readonly growthBudgetMs: number
  /** How long idle CPU time is watched. */
  readonly idleMs: number
  /** At a fixed rate: warm-up of each side, each of the two bare stretches, and the stretch with the library. */
  readonly rateWarmMs: number
  readonly rateBareMs: number
  readonly rateMs: number
  /** Requests over sockets: warm-up of each side, and one stretch of it. */
  readonly httpWarmMs: number
  readonly httpMs: number
  /** A fleet before its faults, and with them. */
  readonly fleetWarmMs: number
  readonly fleetMs: number
}

/** For numbers to publish or to gate on. */
export const FULL: Effort = {
  passes: 15,
  segmentMs: 10,
  growthRepeats: 12,
  growthBudgetMs: 2_500,
  idleMs: 3_000,
  rateWarmMs: 2_000,
  rateBareMs: 1_000,
  rateMs: 3_000,
  httpWarmMs: 1_000,
  httpMs: 300,
  fleetWarmMs: 1_500,
  fleetMs: 4_000,
}

/** For a first look. */
export const QUICK: Effort = {
  passes: 7,
  segmentMs: 4,
  growthRepeats: 2,
  growthBudgetMs: 300,
  idleMs: 400,
  rateWarmMs: 100,
  rateBareMs: 200,
  rateMs: 600,
  httpWarmMs: 500,
  httpMs: 100,
  fleetWarmMs: 1_000,
  fleetMs: 3_000,
}
