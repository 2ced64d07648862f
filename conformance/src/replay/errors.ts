// What a script throws, and what the classes of errors are called in a trace. The names are those of the recordings (Java), so that both can be compared.

import { AssertionError } from 'node:assert'
import { HystrixBadRequestError, HystrixRuntimeError, UnsupportedOperationError } from '@breakwater/command'
import {
  BulkheadFullError,
  CallTimeoutError,
  CircuitOpenError,
  InvalidOptionsError,
  RequestScopeError,
} from '@breakwater/kernel'
import type { ErrorTrace } from '../trace/trace.ts'

/** An error of a script that stands for a Java class. */
export class ScriptedError extends Error {
  override readonly name = 'ScriptedError'
  readonly javaName: string

  constructor(javaName: string, message: string) {
    super(message)
    this.javaName = javaName
  }
}

/** An interrupted sleep, as the JVM reports it. */
export function interrupted(): ScriptedError {
  return new ScriptedError('InterruptedException', 'sleep interrupted')
}

/** Hystrix marks such errors with the interface ExceptionNotWrappedByHystrix. */
export function isNotWrapped(error: unknown): boolean {
  return error instanceof ScriptedError && error.javaName === 'NW'
}

/** Any word that is not known is the message of a RuntimeException. */
export function scriptedError(word: string): Error {
  switch (word) {
    case 'checked':
      return new ScriptedError('Exception', word)
    case 'illegalState':
      return new ScriptedError('IllegalStateException', word)
    case 'badRequest':
      return new HystrixBadRequestError('bad')
    case 'notWrapped':
      return new ScriptedError('NW', 'nw')
    case 'badRequestNotWrapped':
      return new HystrixBadRequestError('bad', { cause: new ScriptedError('NW', 'nw') })
    case 'rejected':
      return new BulkheadFullError(word, { reason: 'queue_full' })
    case 'timeoutEx':
      return new CallTimeoutError(word)
    case 'stackOverflow':
      return new RangeError('Maximum call stack size exceeded')
    case 'assert':
      return new AssertionError({ message: word })
    case 'unsupported':
      return new UnsupportedOperationError(word)
    default:
      return new ScriptedError('RuntimeException', word)
  }
}

/** The Java class that an error stands for. A Java `Error` reaches users wrapped in a plain `Exception`. */
function javaNameOf(error: unknown): string {
  if (error instanceof ScriptedError) return error.javaName
  if (error instanceof HystrixRuntimeError) return 'HystrixRuntimeException'
  if (error instanceof HystrixBadRequestError) return 'HystrixBadRequestException'
  if (error instanceof UnsupportedOperationError) return 'UnsupportedOperationException'
  if (error instanceof BulkheadFullError) return 'RejectedExecutionException'
  if (error instanceof CallTimeoutError) return 'HystrixTimeoutException'
  if (error instanceof CircuitOpenError) return 'RuntimeException'
  if (error instanceof RequestScopeError) return 'IllegalStateException'
  if (error instanceof RangeError || error instanceof AssertionError) return 'Exception'
  return error instanceof Error ? error.name : typeof error
}

/** The error that a caller of a command saw. */
export function errorTrace(error: unknown): ErrorTrace {
  if (!(error instanceof HystrixRuntimeError)) return { type: javaNameOf(error), message: messageOf(error) }
  const { failureType, fallbackError, cause, message } = error
  return {
    type: 'HystrixRuntimeException',
    failureType,
    fallbackError: fallbackError === undefined ? null : javaNameOf(fallbackError),
    message,
    ...(cause === undefined ? {} : { cause: causeName(failureType, cause) }),
  }
}

/** Hystrix makes a cause of its own for what it refused or gave up; what the script threw keeps its class. */
function causeName(failureType: string, cause: unknown): string {
  if (failureType === 'TIMEOUT') return 'TimeoutException'
  return failureType === 'REJECTED_SEMAPHORE_EXECUTION' ? 'RuntimeException' : innerNameOf(cause)
}

/** What a constructor of Hystrix throws where ours refuses the values of properties: a division, or a class of Java or RxJava that was given a bad number. */
export function constructionError({ issues }: InvalidOptionsError): ErrorTrace {
  const { received, expected = '' } = issues[0] ?? {}
  if (expected.includes('divides')) return { type: 'ArithmeticException', message: '/ by zero' }
  const message = expected.includes('bucket') ? `count > 0 required but it was ${String(received)}` : null
  return { type: 'IllegalArgumentException', message }
}

/** Whether it is the values of properties that made it impossible to make a command. */
export function isOfConstruction(error: unknown): error is InvalidOptionsError {
  return (
    error instanceof InvalidOptionsError &&
    error.issues.some(({ path }) => path.startsWith('properties.') || path.startsWith('threadPool.'))
  )
}

/** The class of what `getExecutionException` or `getFailedExecutionException` gives. */
export function exceptionName(error: unknown, events: readonly string[]): string | null {
  if (error === undefined || error === null) return null
  return events.includes('SEMAPHORE_REJECTED') ? 'RuntimeException' : innerNameOf(error)
}

/** Java's timer throws where our command says which property is wrong. */
function innerNameOf(error: unknown): string {
  return error instanceof InvalidOptionsError ? 'IllegalArgumentException' : javaNameOf(error)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
