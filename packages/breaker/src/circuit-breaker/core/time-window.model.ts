/** A naive model of the rolling window, and the runs of events on which the two are compared. For tests only. */
import fc from 'fast-check'
import { TimeWindow } from './time-window.js'

const KINDS = [
  'success',
  'failure',
  'slow',
  'slowSuccess',
  'slowFailure',
  'untimedSuccess',
  'untimedFailure',
] as const
type Kind = (typeof KINDS)[number]
export interface Shape {
  readonly windowMs: number
  readonly buckets: number
  readonly start: number
}
export interface Step {
  readonly by: number
  readonly kind: Kind | 'advance'
}
export interface Totals {
  readonly successes: number
  readonly failures: number
  readonly slow: number
  readonly total: number
  readonly judged: number
}

/** The specification: every event is kept with its time, and each read counts them all again. */
class EventList {
  private readonly events: { readonly index: number; readonly kind: Kind }[] = []
  private readonly width: number
  private readonly buckets: number
  private last: number

  constructor(shape: Shape) {
    this.width = shape.windowMs / shape.buckets
    this.buckets = shape.buckets
    this.last = Math.floor(shape.start / this.width)
  }

  apply(now: number, kind: Step['kind']): void {
    const index = Math.floor(now / this.width)
    if (!kind.startsWith('untimed')) this.last = Math.max(this.last, index)
    if (kind === 'advance') return
    this.events.push({ kind, index: kind.startsWith('untimed') ? this.last : index })
  }

  totals(): Totals {
    const alive = this.events.filter((event) => event.index > this.last - this.buckets)
    const count = (...kinds: Kind[]): number => alive.filter((event) => kinds.includes(event.kind)).length
    const successes = count('success', 'slowSuccess', 'untimedSuccess')
    const failures = count('failure', 'slowFailure', 'untimedFailure')
    const slow = count('slow')
    const total = successes + failures
    return { successes, failures, slow, total, judged: total + slow - count('slowSuccess', 'slowFailure') }
  }
}

/** Does one step on a window. */
export function apply(window: TimeWindow, now: number, kind: Step['kind']): void {
  switch (kind) {
    case 'success':
      return window.successAt(now)
    case 'failure':
      return window.failureAt(now)
    case 'slow':
      return window.slowAt(now)
    case 'slowSuccess':
      return window.settledSlowSuccessAt(now)
    case 'slowFailure':
      return window.settledSlowFailureAt(now)
    case 'untimedSuccess':
      return window.success()
    case 'untimedFailure':
      return window.failure()
    case 'advance':
      return window.advance(now)
  }
}

/** All counts of a window, to compare them at once. */
export const totalsOf = ({ successes, failures, slow, total, judged }: TimeWindow): Totals => ({
  successes,
  failures,
  slow,
  total,
  judged,
})

/** Evenly spread over a range, where `fc.double` mostly gives numbers next to 0. */
export const within = (min: number, max: number): fc.Arbitrary<number> =>
  fc.nat(2 ** 30).map((share) => min + ((max - min) * share) / 2 ** 30)

const shapes: fc.Arbitrary<Shape> = fc
  .record({
    buckets: fc.integer({ min: 1, max: 12 }),
    width: fc.constantFrom(1, 2, 10, 500, 1_000),
    start: fc.constantFrom(0, 0.25, 999.999, 123_456.789, -5_000.5, 2 ** 40),
  })
  .map(({ buckets, width, start }) => ({ windowMs: buckets * width, buckets, start }))

const stepsOf = ({ windowMs, buckets }: Shape, back: boolean): fc.Arbitrary<Step[]> => {
  const width = windowMs / buckets
  const forward = [0, 0, 0.3, 1, width - 1, width, width + 1, windowMs - 1, windowMs, windowMs + 1, 2 ** 31]
  const backward = [-0.3, -1, -width, -width - 1, -windowMs, -windowMs - width, -(2 ** 31)]
  const step = fc.record({
    by: fc.oneof(fc.constantFrom(...forward, ...(back ? backward : [])), within(0, windowMs)),
    kind: fc.constantFrom(...KINDS, 'advance' as const),
  })
  return fc.array(step, { maxLength: 60, size: 'max' })
}

/** Windows and steps of time around every boundary; with `back`, also steps back in time. */
export const runs = (back: boolean): fc.Arbitrary<{ shape: Shape; steps: Step[] }> =>
  shapes.chain((shape) => fc.record({ shape: fc.constant(shape), steps: stepsOf(shape, back) }))

/** Replays the steps; `check` is called after each with the time of the step. */
export function replay(
  shape: Shape,
  steps: readonly Step[],
  check: (window: TimeWindow, model: EventList, now: number) => void = () => undefined,
): { window: TimeWindow; model: EventList; latest: number } {
  const window = new TimeWindow(shape.windowMs, shape.buckets, shape.start)
  const model = new EventList(shape)
  let now = shape.start
  let latest = now
  for (const { by, kind } of steps) {
    now += by
    if (!kind.startsWith('untimed')) latest = Math.max(latest, now)
    apply(window, now, kind)
    model.apply(now, kind)
    check(window, model, now)
  }
  return { window, model, latest }
}
