/**
 * Random lives of a command: how each call behaves, when it comes, what its caller does meanwhile.
 */
import { consecutiveFailures, constant } from '@breakwater/breaker'
import type { CallOptions } from '@breakwater/kernel'
import { microtaskSteps } from '@breakwater/testing'
import type { SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { never, world } from './command.model.js'
import { createCommand } from './command.js'
import type { Command } from './command-shape.js'

interface PlannedCall {
  /** Milliseconds after the call before it, then microtasks. */
  readonly afterMs: number
  readonly steps: number
  readonly work: 'ok' | 'ok at once' | 'ok late' | 'fails' | 'throws' | 'fails late' | 'hangs' | 'bad request'
  readonly fallback: 'ok' | 'ok at once' | 'ok late' | 'fails' | 'throws'
  readonly abort: 'no' | 'before' | { readonly steps: number } | { readonly afterMs: number }
  readonly budgetMs: number | undefined
  readonly asOutcome: boolean
}

export interface Life {
  readonly hasFallback: boolean
  readonly retries: number
  readonly queue: number
  readonly calls: readonly PlannedCall[]
}

/** What became of a call, as its caller saw it. */
type Ending = 'answered' | 'failed' | 'cancelled'

class BadRequest extends Error {}
const gone = new Error('the caller has gone')

const steps = fc.nat(12)
const plan: fc.Arbitrary<PlannedCall> = fc.record({
  afterMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.constantFrom(1, 50, 100, 300)),
  steps,
  work: fc.constantFrom<PlannedCall['work'][]>(
    ...(['ok', 'ok at once', 'ok late', 'fails', 'throws', 'fails late', 'hangs', 'bad request'] as const),
  ),
  fallback: fc.constantFrom<PlannedCall['fallback'][]>('ok', 'ok at once', 'ok late', 'fails', 'throws'),
  abort: fc.oneof(
    { weight: 3, arbitrary: fc.constant('no' as const) },
    fc.constant('before' as const),
    fc.record({ steps }),
    fc.record({ afterMs: fc.constantFrom(0, 20, 50, 100, 120) }),
  ),
  budgetMs: fc.constantFrom(undefined, undefined, 0, 30, 100, 10_000),
  asOutcome: fc.boolean(),
})

export const lives: fc.Arbitrary<Life> = fc.record({
  hasFallback: fc.boolean(),
  retries: fc.nat(2),
  queue: fc.nat(1),
  calls: fc.array(plan, { minLength: 1, maxLength: 25, size: 'max' }),
})

export interface Lived {
  readonly clock: SimClock
  readonly command: Command<[plan: PlannedCall], string>
  readonly endings: readonly Ending[]
  readonly executions: readonly string[]
}

/** Lives it to its end: every call and all its work is over. */
export async function live(life: Life): Promise<Lived> {
  const { clock, random, runtime } = world()
  const later = (run: () => void): void => void clock.io(clock.now() + 50, run)
  const command = createCommand({
    name: 'life',
    ...{ clock, random, runtime },
    run: (_call, { work }: PlannedCall) => behave(work, later),
    ...(life.hasFallback
      ? { fallback: (_cause: unknown, plan: PlannedCall) => behave(plan.fallback, later) }
      : {}),
    ignore: (error) => error instanceof BadRequest,
    timeoutMs: 250,
    attemptTimeoutMs: 100,
    retry: { maxRetries: life.retries, backoff: constant({ ms: 20 }) },
    breaker: { trip: consecutiveFailures(3), openMs: 60, probes: { limit: 1 } },
    bulkhead: { limit: 2, queue: { limit: life.queue, maxWaitMs: 40 }, releaseOnTimeout: true },
    fallbackLimit: 2,
  })
  const executions: string[] = []
  command.on('execution', ({ outcome }) => executions.push(outcome))
  const endings: Ending[] = []
  for (const plan of life.calls) {
    await clock.advance(plan.afterMs)
    await microtaskSteps(plan.steps)
    void call(command, plan, clock).then((ending) => endings.push(ending))
  }
  await clock.advance(10_000)
  return { clock, command, endings, executions }
}

async function call(command: Lived['command'], plan: PlannedCall, clock: SimClock): Promise<Ending> {
  const { abort, budgetMs } = plan
  const caller = new AbortController()
  const leave = (): void => caller.abort(gone)
  if (abort === 'before') leave()
  const options: CallOptions = { budgetMs, ...(abort === 'no' ? {} : { signal: caller.signal }) }
  // Without options a call takes another way through the pipeline.
  const to = abort === 'no' && budgetMs === undefined ? command : command.with(options)
  const ended = plan.asOutcome ? ofOutcome(to, plan) : ofPromise(to, plan)
  if (typeof abort === 'object' && 'steps' in abort) void microtaskSteps(abort.steps).then(leave)
  if (typeof abort === 'object' && 'afterMs' in abort) clock.io(clock.now() + abort.afterMs, leave)
  return ended
}

async function ofOutcome(command: Pick<Lived['command'], 'outcome'>, plan: PlannedCall): Promise<Ending> {
  const { kind } = await command.outcome(plan)
  return kind === 'success' ? 'answered' : kind === 'cancelled' ? 'cancelled' : 'failed'
}

async function ofPromise(command: Pick<Lived['command'], 'execute'>, plan: PlannedCall): Promise<Ending> {
  try {
    await command.execute(plan)
    return 'answered'
  } catch (error) {
    return error === gone ? 'cancelled' : 'failed'
  }
}

function behave(
  as: PlannedCall['work'] | PlannedCall['fallback'],
  later: (run: () => void) => void,
): string | Promise<string> {
  switch (as) {
    case 'ok at once':
      return 'ok'
    case 'ok':
      return Promise.resolve('ok')
    case 'ok late':
      return new Promise((resolve) => later(() => resolve('ok')))
    case 'fails':
      return Promise.reject(new Error('down'))
    case 'fails late':
      return new Promise((_resolve, reject) => later(() => reject(new Error('down'))))
    case 'throws':
      throw new Error('down')
    case 'bad request':
      return Promise.reject(new BadRequest())
    case 'hangs':
      return never()
  }
}
