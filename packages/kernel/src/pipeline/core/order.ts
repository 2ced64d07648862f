/**
 * The order of policies, as data. A stretch is a run of policies that one pass of a runner serves; inside it the
 * order is fixed (outermost first: meter, fallback, total time, rate, retry, own guards, breaker, limit, attempt time),
 * and a policy that stands outside of that order begins the next stretch, which runs inside the one before. So does everything
 * inside of a cache, whose run several calls may share, and of a hedge, which may run it several times at once.
 */
import type { SlotName } from '../stage.js'

/** Where in a stretch a stage is put. A timeout has two places: around the retries, or around one attempt. */
type Place = Exclude<SlotName, 'timeout'> | 'total' | 'attempt'

/** A stage, by its index in the pipeline, and its place. */
export interface Placed {
  readonly index: number
  readonly place: Place
}

/** What the order rules need to know of a stage. */
export interface OrderedStage {
  readonly slot: SlotName
  /** Of timeouts. */
  readonly timeoutMs?: number | undefined
  /** The same identity twice in one pipeline is a mistake. */
  readonly part: object
}

const RANK: Readonly<Record<Place, number>> = {
  meter: 0,
  fallback: 1,
  total: 2,
  rate: 3,
  retry: 4,
  guard: 5,
  breaker: 6,
  limit: 7,
  attempt: 8,
  cache: 9,
  hedge: 9,
  foreign: 9,
}

/** These see failures, and must not be shown a fallback's answer instead. */
const BLIND: readonly SlotName[] = ['retry', 'hedge', 'breaker', 'cache']
/** These are about the work, not about what is remembered of it. */
const ASKING: readonly SlotName[] = ['retry', 'hedge', 'breaker', 'limit']

/** Cuts a pipeline into stretches, outermost first. */
export function arrange(slots: readonly SlotName[]): Placed[][] {
  const stretches: Placed[][] = []
  let stretch: Placed[] = []
  let rank = -1
  slots.forEach((slot, index) => {
    const place = placeOf(slot, slots[index + 1], rank)
    if (RANK[place] < rank || (RANK[place] === rank && place !== 'guard')) {
      stretches.push(stretch)
      stretch = []
    }
    stretch.push({ index, place })
    rank = RANK[place]
  })
  stretches.push(stretch)
  return stretches
}

/** What is wrong with an order, each as one sentence with the index of the policy at fault. */
export function orderProblems(stages: readonly OrderedStage[]): { index: number; problem: string }[] {
  const problems: { index: number; problem: string }[] = []
  stages.forEach((stage, index) => {
    const outer = stages.slice(0, index)
    const problem =
      twice(stage, outer) ??
      hiddenFailures(stage, outer) ??
      lateCache(stage, outer) ??
      deadTimeout(stage, outer)
    if (problem !== undefined) problems.push({ index, problem })
  })
  return problems
}

function placeOf(slot: SlotName, next: SlotName | undefined, rank: number): Place {
  if (slot !== 'timeout') return slot
  const somethingInside =
    next !== undefined &&
    next !== 'foreign' &&
    next !== 'cache' &&
    next !== 'hedge' &&
    RANK[next === 'timeout' ? 'attempt' : next] > RANK.total
  return somethingInside && rank < RANK.total ? 'total' : 'attempt'
}

function twice(stage: OrderedStage, outer: readonly OrderedStage[]): string | undefined {
  return outer.some((other) => other.part === stage.part)
    ? 'each policy once: the same one twice would count and limit every call twice'
    : undefined
}

function hiddenFailures(stage: OrderedStage, outer: readonly OrderedStage[]): string | undefined {
  const blind = outer.find(({ slot }) => BLIND.includes(slot))
  if (stage.slot !== 'fallback' || blind === undefined) return undefined
  return blind.slot === 'cache'
    ? 'a fallback outside of the cache, which would keep its answers as good ones'
    : `a fallback outside of the ${blind.slot}, which would never see a failure inside`
}

function lateCache(stage: OrderedStage, outer: readonly OrderedStage[]): string | undefined {
  const asker = outer.find(({ slot }) => ASKING.includes(slot))
  return stage.slot === 'cache' && asker !== undefined
    ? `a cache outside of the ${asker.slot}, which would take its answers for those of the work`
    : undefined
}

function deadTimeout(stage: OrderedStage, outer: readonly OrderedStage[]): string | undefined {
  const { timeoutMs = 0 } = stage
  const shorter = outer.find((other) => (other.timeoutMs ?? Infinity) < timeoutMs)
  return shorter === undefined
    ? undefined
    : `at most the ${String(shorter.timeoutMs)} ms of the timeout around it, or it can never fire`
}
