/**
 * A dependency that serves so many calls at once, lets others wait, and refuses who finds no place; and clients that call
 * it at a steady rate, whatever becomes of their calls.
 */
import type { Policy } from '@breakwater/kernel'
import type { SimClock } from '@breakwater/testing'

export class QueueingServer {
  running = 0
  served = 0
  refused = 0
  mostQueued = 0
  private readonly queue: (() => void)[] = []

  constructor(
    private readonly clock: SimClock,
    public capacity: number,
    public serviceMs: number,
    /** Who comes when so many wait is refused. */
    private readonly places: number = Infinity,
  ) {}

  call(): Promise<string> {
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        this.running++
        this.clock.io(this.clock.now() + this.serviceMs, () => this.end(resolve))
      }
      if (this.running < this.capacity) begin()
      else if (this.queue.length < this.places) {
        this.queue.push(begin)
        this.mostQueued = Math.max(this.mostQueued, this.queue.length)
      } else {
        this.refused++
        reject(Object.assign(new Error('busy'), { status: 503 }))
      }
    })
  }

  private end(resolve: (answer: string) => void): void {
    this.running--
    this.served++
    resolve('answer')
    this.queue.shift()?.()
  }
}

/** What callers saw. */
export interface Seen {
  made: number
  good: number
  rejected: number
  failed: number
  /** Of good ones, in milliseconds. */
  latencies: number[]
}

/** Calls every `everyMs` for `durationMs`; resolves when all calls have ended. */
export async function load(
  policy: Policy,
  server: QueueingServer,
  clock: SimClock,
  { everyMs, durationMs }: { readonly everyMs: number; readonly durationMs: number },
): Promise<Seen> {
  const seen: Seen = { made: 0, good: 0, rejected: 0, failed: 0, latencies: [] }
  const endsAt = clock.now() + durationMs
  const callOnce = (): void => {
    const since = clock.now()
    seen.made++
    void policy
      .outcome(() => server.call())
      .then(({ kind }) => {
        if (kind === 'success') {
          seen.good++
          seen.latencies.push(clock.now() - since)
        } else if (kind === 'rejected') seen.rejected++
        else seen.failed++
      })
    if (clock.now() + everyMs < endsAt) clock.schedule(clock.now() + everyMs, callOnce)
  }
  clock.schedule(clock.now(), callOnce)
  await clock.advance(durationMs)
  return seen
}

/** The middle one. */
export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}
