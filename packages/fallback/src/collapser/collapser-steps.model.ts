/**
 * What a collapser should do, in the simplest words: all loads in a list, one open batch.
 */
import fc from 'fast-check'

/** How a batch answers. */
export type Mode = (typeof MODES)[number]
const MODES = [
  'list',
  'map',
  'missing',
  'extra',
  'repeated',
  'breaking-off',
  'too-short',
  'throwing',
  'rejecting',
  'never',
] as const

type Step =
  | { readonly kind: 'load'; readonly request: string }
  | { readonly kind: 'abort'; readonly load: number }
  | { readonly kind: 'advance'; readonly ms: number }

export interface Plan {
  readonly windowMs: number
  readonly maxSize: number
  /** By the number of the batch. */
  readonly modes: readonly { readonly mode: Mode; readonly takesMs: number }[]
  readonly steps: readonly Step[]
}

interface ModelLoad {
  readonly request: string
  batch: ModelBatch | undefined
  end: unknown
}

interface ModelBatch {
  readonly dueAt: number
  loads: ModelLoad[]
  requests: string[]
  sentAt: number | undefined
  endsAt: number
  mode: Mode
  /** Whether all who waited left while it was under way. */
  isAbandoned: boolean
}

export const PENDING = 'pending'

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('load'), request: fc.constantFrom('a', 'b', 'c', 'd') }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort'), load: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance'), ms: fc.nat(15) }) },
) as fc.Arbitrary<Step>

export const plan: fc.Arbitrary<Plan> = fc.record({
  windowMs: fc.constantFrom(0, 1, 10),
  maxSize: fc.integer({ min: 1, max: 4 }),
  modes: fc.array(fc.record({ mode: fc.constantFrom(...MODES), takesMs: fc.nat(12) }), {
    minLength: 1,
    maxLength: 5,
  }),
  steps: fc.array(step, { maxLength: 40 }),
})

/** The naive collapser. */
export class Model {
  now = 0
  readonly loads: ModelLoad[] = []
  readonly sent: ModelBatch[] = []
  private open: ModelBatch | undefined = undefined

  constructor(private readonly plan: Plan) {}

  load(request: string): void {
    this.open ??= this.newBatch()
    const load: ModelLoad = { request, batch: this.open, end: PENDING }
    this.loads.push(load)
    this.open.loads.push(load)
    if (!this.open.requests.includes(request)) this.open.requests.push(request)
    if (this.open.requests.length === this.plan.maxSize) this.send(this.open)
  }

  abort(index: number): void {
    const load = this.loads[index]
    if (load?.end !== PENDING) return
    load.end = 'bye'
    const { batch } = load
    if (batch === undefined) return
    const isWaiting = batch.loads.some(({ end }) => end === PENDING)
    if (batch.sentAt !== undefined) {
      batch.isAbandoned ||= !isWaiting
      return
    }
    batch.loads = batch.loads.filter((other) => other !== load)
    batch.requests = batch.requests.filter((request) =>
      batch.loads.some((other) => other.request === request),
    )
    if (!isWaiting) this.open = undefined
  }

  advance(ms: number): void {
    const until = this.now + ms
    if (this.open !== undefined && this.open.dueAt <= until) {
      this.now = this.open.dueAt
      this.send(this.open)
    }
    this.now = until
    for (const batch of this.sent) this.finish(batch)
  }

  private newBatch(): ModelBatch {
    return {
      dueAt: this.now + this.plan.windowMs,
      loads: [],
      requests: [],
      sentAt: undefined,
      endsAt: Infinity,
      mode: 'never',
      isAbandoned: false,
    }
  }

  private send(batch: ModelBatch): void {
    const { mode, takesMs } = modeOf(this.plan, this.sent.length)
    batch.mode = mode
    batch.sentAt = this.now
    if (mode !== 'never') batch.endsAt = mode === 'throwing' ? this.now : this.now + takesMs
    this.sent.push(batch)
    this.open = undefined
    if (mode === 'throwing') this.finish(batch)
  }

  private finish(batch: ModelBatch): void {
    if (batch.endsAt > this.now) return
    for (const load of batch.loads) {
      if (load.end === PENDING) load.end = endOf(batch, load.request)
    }
  }
}

export function modeOf({ modes }: Plan, batch: number): Plan['modes'][number] {
  return modes[batch % modes.length] as Plan['modes'][number]
}

function endOf({ mode, requests }: ModelBatch, request: string): string {
  const isFirst = requests[0] === request
  if (mode === 'missing' && isFirst) return 'missing'
  if (mode === 'too-short') return 'wrong-length'
  if (mode === 'throwing' || mode === 'rejecting') return 'boom'
  return mode === 'breaking-off' && !isFirst ? 'boom' : `v:${request}`
}
