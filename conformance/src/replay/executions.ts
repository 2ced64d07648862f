// Executions of commands: started, cancelled, watched, and in the end told as traces.

import type { HystrixExecution } from '@breakwater/command'
import { HystrixRuntimeError } from '@breakwater/command'
import { InvalidOptionsError, RequestScopeError } from '@breakwater/kernel'
import type { CommandDefinition, ExecStep } from '../scenario/scenario.ts'
import type { ErrorTrace, ExecTrace } from '../trace/trace.ts'
import { constructionError, errorTrace, exceptionName, isNotWrapped, isOfConstruction } from './errors.ts'
import { hooksTelling } from './recorder.ts'
import { fallbackWork, runWork } from './scripted-work.ts'
import type { World } from './world.ts'

/** Why a cancelled call was cancelled. */
class Cancelled extends Error {
  override readonly name = 'Cancelled'
}

type Answer =
  { readonly value: string; readonly at: number } | { readonly error: unknown; readonly at: number }

/** One call of a command. */
export class CommandCall {
  private readonly world: World
  private readonly definition: CommandDefinition
  private readonly step: ExecStep
  private readonly canceller = new AbortController()
  private readonly hooks: string[] = []
  private execution: HystrixExecution<string> | undefined
  private answer: Answer | undefined
  private runCalls = 0
  private fbCalls = 0

  constructor(world: World, definition: CommandDefinition, step: ExecStep) {
    this.world = world
    this.definition = definition
    this.step = step
    world.inContext(step.ctx, () => this.start())
  }

  get isDone(): boolean {
    return this.answer !== undefined
  }

  /** Only an observation and a future can be cancelled; `execute()` gives nothing to hold on to. */
  cancel(): void {
    if (this.step.mode !== 'execute' && !this.isDone && this.isInHand())
      this.canceller.abort(new Cancelled('cancelled'))
  }

  trace(): ExecTrace {
    const { execution } = this
    if (execution === undefined) return { ...this.answerTrace([]), ...NEVER_STARTED }
    const {
      events,
      isExecutedInThread,
      isResponseFromCache,
      latencyMs,
      executionError,
      failedExecutionError,
    } = execution
    return {
      ...(this.step.mode === 'queue' && !this.isRefusedByQueue(execution) ? { queued: true } : {}),
      ...this.answerTrace(events),
      events,
      inThread: isExecutedInThread,
      fromCache: isResponseFromCache,
      latency: latencyMs,
      execEx: exceptionName(executionError, events),
      failEx: exceptionName(failedExecutionError, events),
      runCalls: this.runCalls,
      fbCalls: this.fbCalls,
      ...(this.hooks.length === 0 ? {} : { hooks: this.hooks }),
    }
  }

  private start(): void {
    const { clock } = this.world
    const { run, fallback, cacheKey } = this.step
    try {
      const command = this.world.command<string>(this.definition, {
        run: (call) => {
          this.runCalls++
          return runWork(run, clock, call.signal, (reason) => this.isInterrupt(reason))
        },
        fallback: fallback && (() => (this.fbCalls++, fallbackWork(fallback, clock))),
        cacheKey,
        hooks: hooksTelling((hook) => this.hooks.push(hook)),
      })
      this.execution = command.with({ signal: this.canceller.signal }).start()
    } catch (error) {
      // Our own line refuses more: a second definition, and numbers that make no sense.
      if (this.world.line !== 'port' && !isOfConstruction(error)) throw error
      this.answer = { error, at: clock.now() }
      return
    }
    this.execution.result.then(
      (value) => (this.answer = { value, at: clock.now() }),
      (error: unknown) => (this.answer = { error, at: clock.now() }),
    )
  }

  /**
   * A timeout interrupts the worker; a future's cancel may do so when the property says so; giving up an observation never does. A SEMAPHORE
   * command has no worker: nothing interrupts its caller's thread.
   */
  private isInterrupt(reason: unknown): boolean {
    return !this.isSemaphore() && (!(reason instanceof Cancelled) || this.step.mode === 'queue')
  }

  /**
   * What runs on its caller's thread is not in hand: nobody holds the subscription or the future yet. That is all of a SEMAPHORE command, and
   * the fallback of one that was refused before it had a thread.
   */
  private isInHand(): boolean {
    if (this.world.line === 'port') return true
    if (this.definition.props.get('execution.isolation.strategy') === 'SEMAPHORE') return false
    const { isExecutedInThread = false, events = [] } = this.execution ?? {}
    return isExecutedInThread || !events.some((event) => REFUSALS.includes(event))
  }

  /**
   * `queue()` of Hystrix throws, instead of giving a future, when a refusal without a usable fallback is there as soon as it returns
   * (HystrixCommand.queue). Our promise is rejected then; whether it would have been thrown is known from the execution.
   */
  private isRefusedByQueue({ isExecutedInThread, events }: HystrixExecution<string>): boolean {
    const { answer, world } = this
    if (world.line === 'port' || answer === undefined || !('error' in answer)) return false
    if (isExecutedInThread || (events.includes('TIMEOUT') && !this.isSemaphore())) return false
    if (isNotWrapped(answer.error)) return true
    return answer.error instanceof HystrixRuntimeError && !EXECUTION_ERRORS.includes(answer.error.failureType)
  }

  private keepsBadRequest(events: readonly string[]): boolean {
    const { execution, step } = this
    if (execution === undefined || !events.includes('BAD_REQUEST')) return false
    return step.mode === 'observe' || (step.mode === 'queue' && !this.isRefusedByQueue(execution))
  }

  private isSemaphore(): boolean {
    const { key, props } = this.definition
    const name = 'execution.isolation.strategy'
    return this.world.property('command', key, name, props.get(name)) === 'SEMAPHORE'
  }

  private answerTrace(events: readonly string[]): Pick<ExecTrace, 'value' | 'error' | 'doneAt'> {
    const { answer } = this
    const { mode } = this.step
    if (answer === undefined) return {}
    if ('value' in answer) return { value: answer.value, doneAt: answer.at }
    if (!(answer.error instanceof Cancelled))
      return { error: this.seenError(answer.error, events), doneAt: answer.at }
    return mode === 'queue' ? { error: CANCELLATION, doneAt: answer.at } : {}
  }

  /**
   * `execute()` of Hystrix takes out of a bad request what is not to be wrapped, and puts its ExecutionException into what went wrong outside of
   * the steps of a command (HystrixCommand.decomposeException); observers and futures get both as they are. Ours is the same for all.
   */
  private seenError(error: unknown, events: readonly string[]): ErrorTrace {
    if (this.world.line === 'port') return errorTrace(error)
    if (isOfConstruction(error)) return constructionError(error)
    if (this.keepsBadRequest(events)) return errorTrace(this.execution?.executionError)
    const isFromOutside =
      error instanceof HystrixRuntimeError && isOutside(error.cause) && events.length === 0
    if (!isFromOutside) return errorTrace(error)
    return this.step.mode === 'execute'
      ? { ...errorTrace(error), cause: 'ExecutionException' }
      : outsideTrace(error.cause)
  }
}

/** No request around a cached command, or a thread pool that cannot grow. */
function isOutside(error: unknown): boolean {
  return error instanceof RequestScopeError || error instanceof InvalidOptionsError
}

function outsideTrace(error: unknown): ErrorTrace {
  return error instanceof InvalidOptionsError ? constructionError(error) : NO_CACHE
}

const NO_CACHE: ErrorTrace = {
  type: 'IllegalStateException',
  message: 'Request caching is not available. Maybe you need to initialize the HystrixRequestContext?',
}
const REFUSALS: readonly string[] = ['SHORT_CIRCUITED', 'THREAD_POOL_REJECTED']
const EXECUTION_ERRORS: readonly string[] = ['COMMAND_EXCEPTION', 'TIMEOUT', 'BAD_REQUEST_EXCEPTION']
/** What a future says that was cancelled. */
export const CANCELLATION: ErrorTrace = {
  type: 'CancellationException',
  message: 'Subscription unsubscribed',
}
const NEVER_STARTED = {
  events: [],
  inThread: false,
  fromCache: false,
  latency: -1,
  execEx: null,
  failEx: null,
  runCalls: 0,
  fbCalls: 0,
} satisfies ExecTrace
