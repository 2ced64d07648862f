// Requests to collapsers: one collapser per key, one batch command object per batch.

import { HystrixRuntimeError } from '@breakwater/command'
import { BatchAnswerError, createCollapser } from '@breakwater/fallback'
import type { Collapser } from '@breakwater/fallback'
import { InvalidOptionsError, RequestScopeError } from '@breakwater/kernel'
import type { CollapserDefinition, ExecStep } from '../scenario/scenario.ts'
import type { ErrorTrace, ExecTrace } from '../trace/trace.ts'
import { mapBatch } from './batch-mapping.ts'
import type { AnswerOfBatch } from './batch-mapping.ts'
import { constructionError, errorTrace, isOfConstruction } from './errors.ts'
import { javaHashOrder } from './java-order.ts'
import { fallbackWork, runWork } from './scripted-work.ts'
import { CANCELLATION } from './executions.ts'
import type { World } from './world.ts'

/** What our collapser takes; no script has as many requests. */
const MAX_SIZE = 100_000

/** The collapsers of one replay. */
export class Collapsers {
  private readonly world: World
  private readonly byKey = new Map<string, Collapser<string, string>>()

  constructor(world: World) {
    this.world = world
  }

  /** The first definition of a key wins, as for commands. */
  of(definition: CollapserDefinition): Collapser<string, string> {
    const known = this.byKey.get(definition.key)
    if (known !== undefined) return known
    const made = this.make(definition)
    this.byKey.set(definition.key, made)
    return made
  }

  private make(definition: CollapserDefinition): Collapser<string, string> {
    const property = (name: string): string | undefined =>
      this.world.property('collapser', definition.key, name, definition.props.get(name))
    const { compat, clock } = this.world
    this.world.make('collapser', definition.key, definition.props)
    return createCollapser<string, string>({
      name: definition.key,
      windowMs: Number(property('timerDelayInMilliseconds')),
      maxSize: Math.min(MAX_SIZE, Number(property('maxRequestsInBatch'))),
      scope: definition.scope === 'GLOBAL' ? 'process' : 'request',
      duplicates: property('requestCache.enabled') === 'true' ? 'share' : 'reject',
      batch: (requests) => this.batch(definition, requests),
      clock,
      ...(compat === undefined ? {} : { compat }),
    })
  }

  private async batch(
    definition: CollapserDefinition,
    arrived: readonly string[],
  ): Promise<Iterable<AnswerOfBatch>> {
    const { clock, recorder, line } = this.world
    const { run, fallback } = definition.batch
    const requests = line === 'port' ? arrived : javaHashOrder(arrived)
    recorder.batch(requests)
    const command = this.world.command<readonly string[]>(definition.batch, {
      run: async (call) => {
        await runWork(run, clock, call.signal, () => true)
        return requests.map((request) => `v:${request}`)
      },
      fallback:
        fallback &&
        (async () => {
          const answer = await fallbackWork(fallback, clock)
          return requests.map(() => answer)
        }),
      cacheKey: undefined,
      hooks: {},
    })
    const execution = command.with({ collapsed: requests.length }).start()
    const answers = await execution.result.catch((error: unknown) => {
      // Those who wait for a batch get a bad request as it is, whatever it holds.
      throw line !== 'port' && execution.events.includes('BAD_REQUEST') ? execution.executionError : error
    })
    return mapBatch(definition.map, requests, answers)
  }
}

/** One request to a collapser. */
export class CollapsedCall {
  private readonly world: World
  private readonly collapser: Collapser<string, string>
  private readonly step: ExecStep
  private readonly canceller = new AbortController()
  private answer: ExecTrace | undefined

  constructor(world: World, collapser: Collapser<string, string>, step: ExecStep) {
    this.world = world
    this.collapser = collapser
    this.step = step
    world.inContext(step.ctx, () => this.start())
  }

  get isDone(): boolean {
    return this.answer !== undefined || this.canceller.signal.aborted
  }

  cancel(): void {
    if (this.step.mode === 'execute' || this.isDone) return
    if (this.step.mode === 'queue') this.answer = { error: CANCELLATION, doneAt: this.world.clock.now() }
    this.canceller.abort(new Error('cancelled'))
  }

  trace(): ExecTrace {
    return { ...(this.step.mode === 'queue' ? { queued: true } : {}), ...this.answer }
  }

  private start(): void {
    const { clock } = this.world
    this.collapser.load(this.step.arg ?? '', { signal: this.canceller.signal }).then(
      (value) => (this.answer ??= { value, doneAt: clock.now() }),
      (error: unknown) => {
        if (!this.canceller.signal.aborted)
          this.answer ??= { error: this.seenError(error), doneAt: clock.now() }
      },
    )
  }

  /** `execute()` of a collapser passes on what a command says and wraps the rest (HystrixCollapser.execute). */
  private seenError(error: unknown): ErrorTrace {
    if (error instanceof HystrixRuntimeError) return errorTrace(error)
    const isPort = this.world.line === 'port'
    if (this.step.mode === 'execute' && !isPort) return WRAPPED
    if (isOfConstruction(error)) return isPort ? errorTrace(error) : constructionError(error)
    const known = this.errorOfHystrix(error)
    if (known !== undefined && !isPort) return known
    return { ...errorTrace(error), ...(known === undefined ? {} : { type: known.type }) }
  }

  /** What Hystrix throws where our errors have a class of their own. */
  private errorOfHystrix(error: unknown): ErrorTrace | undefined {
    const { name = '' } = this.collapser
    if (error instanceof BatchAnswerError)
      return illegalState(`No response set by ${name} 'mapResponseToRequests' implementation.`)
    if (error instanceof RequestScopeError && error.reason === 'ended')
      return illegalState('Requests not executed before shutdown.')
    if (!(error instanceof InvalidOptionsError)) return undefined
    const message =
      `Duplicate argument in collapser batch : [${this.step.arg ?? ''}]  This is not supported.  Please turn request-caching on ` +
      `for HystrixCollapser:${name} or prevent duplicates from making it into the batch!`
    return { type: 'IllegalArgumentException', message }
  }
}

function illegalState(message: string): ErrorTrace {
  return { type: 'IllegalStateException', message }
}

/** `Col` is the class that the recordings were made with. */
const WRAPPED: ErrorTrace = {
  type: 'RuntimeException',
  message: 'Col HystrixCollapser failed while executing.',
  cause: 'ExecutionException',
}
