/**
 * Fallbacks. That of a service is asked by its command, and counted there. Single requests may have one though their service has none,
 * which then stands around the command; or none though their service has one.
 */
import type { Executable } from '@breakwater/command'
import { FallbackFailedError } from '@breakwater/kernel'
import type { FallbackCause } from '@breakwater/kernel'
import type { HttpCall } from './http-call.js'
import { PlainAnswer } from './plain-answer.js'
import { giveUp } from './watched-body.js'

/** Answers by the fallback that a request has. */
export async function answerInstead(cause: FallbackCause, call: HttpCall): Promise<void> {
  const { service, terms, options } = call
  const { fallback } = terms.options
  // A command cannot be told that it has none for this request. Of an answer that has begun there is no instead.
  if (fallback === undefined || !call.isOpen) throw cause.error
  const { method, path, body } = options
  call.answer(new PlainAnswer(await fallback(cause, { service: service.name, method, path }), method))
  giveUp(body)
}

/** Runs a request that has another fallback than its service, or none. */
export async function runWithOwn(command: Executable<[HttpCall], unknown>, call: HttpCall): Promise<void> {
  const outcome = await command.outcome(call)
  if (outcome.kind === 'success') return
  const { kind, error } = outcome
  const isAsked = call.service.options.fallback !== undefined
  if (isAsked && call.terms.options.fallback === undefined && error instanceof FallbackFailedError)
    throw error.cause
  if (isAsked || kind === 'cancelled' || kind === 'ignored' || !call.isOpen) throw error
  try {
    await answerInstead({ kind, error, attempt: 1 }, call)
  } catch (fallbackError) {
    const message = 'the request failed, and so did its fallback'
    throw new FallbackFailedError(message, { cause: error, fallbackError })
  }
}
