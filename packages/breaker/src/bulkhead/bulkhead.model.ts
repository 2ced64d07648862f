/**
 * A bulkhead as two lists, and calls whose end a test decides.
 */
import type { Bulkhead } from './bulkhead.js'

export type Ending = 'answer' | 'fail'
type Result = 'answer' | 'fail' | 'full' | 'aborted'

export type Work = 'held' | 'now' | 'throw' | 'thenable'

/** A call under test. */
export class TestedCall {
  started = false
  isRunning = false
  result: Result | undefined = undefined
  private readonly controller = new AbortController()
  private settle: ((how: Ending) => void) | undefined = undefined

  constructor(
    readonly id: number,
    readonly priority: number,
    private readonly work: Work,
    private readonly hook: (event: 'work' | 'then') => void = () => undefined,
  ) {}

  start(bulkhead: Bulkhead): void {
    void bulkhead
      .outcome(() => this.run(), { signal: this.controller.signal })
      .then((outcome) => {
        if (outcome.kind === 'success') this.result = 'answer'
        else if (outcome.kind === 'rejected') this.result = 'full'
        else this.result = outcome.kind === 'cancelled' ? 'aborted' : 'fail'
      })
  }

  /** Ends the work, if it runs. */
  end(how: Ending): void {
    this.settle?.(how)
  }

  abort(): void {
    this.controller.abort()
  }

  private listen(end: Promise<unknown>): Promise<unknown>['then'] {
    return (...handlers) => {
      this.hook('then')
      return end.then(...handlers)
    }
  }

  private run(): unknown {
    this.started = true
    this.hook('work')
    if (this.work === 'now') return 'now'
    if (this.work === 'throw') throw new Error('fail')
    this.isRunning = true
    const end = new Promise((resolve, reject) => {
      this.settle = (how) => {
        this.isRunning = false
        if (how === 'answer') resolve(how)
        else reject(new Error(how))
      }
    })
    // A bare thenable: what a bulkhead waits for need not be a promise.
    return this.work === 'held' ? end : { then: this.listen(end) }
  }
}

interface Waiting {
  readonly id: number
  readonly priority: number
  readonly since: number
  readonly endsAtOnce: Ending | undefined
}

interface Setup {
  readonly limit: number
  readonly queueLimit: number
  readonly order: 'fifo' | 'lifo'
  readonly maxWaitMs: number | undefined
  readonly releaseOnTimeout: boolean
}

export class BulkheadModel {
  waiting: Waiting[] = []
  readonly calls: { started: boolean; result: Result | undefined }[] = []
  private readonly running = new Set<number>()
  /** Work that runs on after its caller gave up. */
  private readonly zombies = new Set<number>()
  private limit: number
  private queueLimit: number

  constructor(private readonly setup: Setup) {
    this.limit = setup.limit
    this.queueLimit = setup.queueLimit
  }

  get slotsTaken(): number {
    return this.running.size + (this.setup.releaseOnTimeout ? 0 : this.zombies.size)
  }

  call(id: number, { work, priority }: { work: string; priority: number }, now: number): void {
    const endsAtOnce = work === 'now' ? 'answer' : work === 'throw' ? 'fail' : undefined
    const caller = { id, priority, since: now, endsAtOnce } as const
    this.calls.push({ started: false, result: undefined })
    if (this.slotsTaken < this.limit) this.run(caller)
    else if (this.waiting.length < this.queueLimit) this.waiting.push(caller)
    else this.result(id, 'full')
  }

  end(id: number, how?: Ending): void {
    if (this.running.delete(id)) this.result(id, how ?? 'answer')
    this.zombies.delete(id)
    this.serve()
  }

  abort(id: number): void {
    if (this.running.delete(id)) {
      this.zombies.add(id)
      this.result(id, 'aborted')
    }
    const before = this.waiting.length
    this.waiting = this.waiting.filter((caller) => caller.id !== id)
    if (this.waiting.length < before) this.result(id, 'aborted')
    this.serve()
  }

  update(limit: number, queueLimit: number): void {
    this.limit = limit
    this.queueLimit = queueLimit
    this.serve()
  }

  advance(now: number): void {
    const { maxWaitMs = Infinity } = this.setup
    for (const { id } of this.waiting.filter(({ since }) => since + maxWaitMs <= now)) this.result(id, 'full')
    this.waiting = this.waiting.filter(({ since }) => since + maxWaitMs > now)
  }

  private serve(): void {
    while (this.slotsTaken < this.limit && this.waiting.length > 0) {
      const highest = Math.max(...this.waiting.map(({ priority }) => priority))
      const equals = this.waiting.filter(({ priority }) => priority === highest)
      const next = equals.at(this.setup.order === 'fifo' ? 0 : -1)
      this.waiting = this.waiting.filter((caller) => caller !== next)
      if (next !== undefined) this.run(next)
    }
  }

  private run({ id, endsAtOnce }: Waiting): void {
    const call = this.calls[id]
    if (call !== undefined) call.started = true
    if (endsAtOnce === undefined) this.running.add(id)
    else this.result(id, endsAtOnce)
  }

  private result(id: number, result: Result): void {
    const call = this.calls[id]
    if (call !== undefined) call.result ??= result
  }
}
