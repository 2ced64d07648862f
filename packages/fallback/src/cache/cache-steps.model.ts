/**
 * What a cache should do, in the simplest words: answers in a list, the least recently used first.
 */
import fc from 'fast-check'

export type Step =
  | { readonly kind: 'load'; readonly key: string }
  | { readonly kind: 'end' | 'fail' | 'abort'; readonly index: number }
  | { readonly kind: 'clear'; readonly key: string | undefined }
  | { readonly kind: 'advance'; readonly ms: number }

export interface Plan {
  readonly max: number
  readonly ttlMs: number
  readonly steps: readonly Step[]
}

interface Run {
  readonly key: string
  readonly loads: number[]
  isOver: boolean
}

interface Kept {
  readonly key: string
  readonly value: string
  readonly at: number
}

export const PENDING = 'pending'
const key = fc.constantFrom('a', 'b', 'c', 'd')
const index = fc.nat(30)
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('load'), key }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('end', 'end', 'fail', 'abort'), index }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('clear'), key: fc.option(key, { nil: undefined }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('advance'), ms: fc.constantFrom(1, 9, 10, 11) }) },
) as fc.Arbitrary<Step>

export const plan: fc.Arbitrary<Plan> = fc.record({
  max: fc.integer({ min: 1, max: 3 }),
  ttlMs: fc.constantFrom(0, 10),
  steps: fc.array(step, { maxLength: 60 }),
})

/** The naive cache. Works answer with `v` and their number. */
export class Model {
  /** How each load ended. */
  readonly ends: string[] = []
  readonly runs: Run[] = []
  private now = 0
  private kept: Kept[] = []
  private readonly current = new Map<string, Run>()

  constructor(private readonly plan: Plan) {}

  get size(): number {
    return this.kept.length
  }

  step(step: Step): void {
    if (step.kind === 'load') this.load(step.key)
    else if (step.kind === 'advance') this.now += step.ms
    else if (step.kind === 'clear') this.clear(step.key)
    else if (step.kind === 'abort') this.abort(step.index)
    else this.end(step.index, step.kind === 'end')
  }

  private load(key: string): void {
    const load = this.ends.push(PENDING) - 1
    const kept = this.kept.find((entry) => entry.key === key)
    if (kept !== undefined) this.kept = [...this.kept.filter((entry) => entry !== kept), kept]
    if (kept !== undefined && this.now - kept.at < this.plan.ttlMs) {
      this.ends[load] = kept.value
      return
    }
    const run = this.current.get(key)
    if (run !== undefined) {
      run.loads.push(load)
      return
    }
    const begun = { key, loads: [load], isOver: false }
    this.runs.push(begun)
    this.current.set(key, begun)
  }

  private end(index: number, isGood: boolean): void {
    const run = this.runs[index]
    if (run === undefined || run.isOver) return
    run.isOver = true
    const value = isGood ? `v${index}` : `e${index}`
    for (const load of run.loads) if (this.ends[load] === PENDING) this.ends[load] = value
    if (this.current.get(run.key) !== run) return
    this.current.delete(run.key)
    if (isGood && this.plan.ttlMs > 0) this.keep({ key: run.key, value, at: this.now })
  }

  private keep(entry: Kept): void {
    this.kept = [...this.kept.filter(({ key }) => key !== entry.key), entry].slice(-this.plan.max)
  }

  private abort(load: number): void {
    if (this.ends[load] !== PENDING) return
    this.ends[load] = 'bye'
    const run = this.runs.find(({ loads }) => loads.includes(load))
    const isAlone = run?.loads.every((other) => this.ends[other] !== PENDING) === true
    if (run !== undefined && isAlone && this.current.get(run.key) === run) this.current.delete(run.key)
  }

  private clear(key: string | undefined): void {
    if (key === undefined) {
      this.kept = []
      this.current.clear()
      return
    }
    this.kept = this.kept.filter((entry) => entry.key !== key)
    this.current.delete(key)
  }
}
