/**
 * What goes out with each attempt: the request as it came, and what the other side should know. Nothing is copied where
 * nothing is added.
 */
import { instanceOrigin } from '../core/service-host.js'
import type { Instance } from '@breakwater/discovery-client'
import type { Dispatcher } from 'undici'
import { sendableForm } from '../fetch-body.js'
import { formatDeadline } from '../core/deadline-header.js'
import { headerOf, withHeader, withoutHeader } from '../core/request-headers.js'
import type { RequestHeaders } from '../core/request-headers.js'
import { endFailure } from './failures.js'
import type { HttpCall } from './http-call.js'

export interface OutgoingOptions {
  readonly deadlineHeader: string | undefined
  readonly attemptHeader: string | undefined
}

export class Outgoing {
  private readonly deadlineHeader: string | undefined
  private readonly attemptHeader: string | undefined

  constructor({ deadlineHeader, attemptHeader }: OutgoingOptions) {
    this.deadlineHeader = deadlineHeader
    this.attemptHeader = attemptHeader
  }

  /** Of the attempt `number`, to `instance` if there is a choice. */
  of(
    call: HttpCall,
    number: number,
    now: number,
    instance: Instance | undefined,
  ): Dispatcher.DispatchOptions {
    const { options, deadline, outlet, terms } = call
    const { deadlineHeader, attemptHeader } = this
    const tellsTime = deadlineHeader !== undefined && deadline !== Infinity
    const tellsNumber = attemptHeader !== undefined && number > 1
    const body = hasBody(options) ? terms.body : undefined
    const movesTo = outlet === undefined || instance === undefined ? undefined : originOf(instance)
    if (!tellsTime && !tellsNumber && body === undefined && movesTo === undefined) return options
    // What undici takes as headers, and what we do, are the same.
    let headers = options.headers as RequestHeaders
    if (tellsTime)
      headers = withHeader(headers, deadlineHeader, formatDeadline(deadlineHeader, deadline - now))
    if (tellsNumber) headers = withHeader(headers, attemptHeader, String(number))
    if (body !== undefined) headers = withoutLengthOf(options.body, headers)
    const changed = {
      ...options,
      ...(movesTo === undefined ? {} : { origin: movesTo }),
      ...(body === undefined ? {} : { body: made(body, call) }),
      headers: headers as NonNullable<Dispatcher.DispatchOptions['headers']>,
    }
    return changed as Dispatcher.DispatchOptions
  }
}

/** Requests by these have no body unless they are given one; a redirect that takes the body away makes a GET. */
const BARE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'CONNECT'])

function hasBody({ method, body }: Dispatcher.DispatchOptions): boolean {
  return Boolean(body) || !BARE_METHODS.has(method)
}

// What `fetch` says of the body that it was given, if only that there is none, does not hold for the one in its place. Where it has made a
// stream of that, nobody else knows how long it is.
function withoutLengthOf(given: unknown, headers: RequestHeaders): RequestHeaders {
  const said = headerOf(headers, 'content-length')
  const isBytes = typeof given === 'string' || given instanceof Uint8Array
  const length = given ? (isBytes ? String(Buffer.byteLength(given)) : said) : '0'
  return said !== undefined && said === length ? withoutHeader(headers, 'content-length') : headers
}

// That the caller cannot make it says nothing of the service.
function made(body: () => unknown, call: HttpCall): unknown {
  try {
    return call.watch(sendableForm(body()))
  } catch (error) {
    throw endFailure(call, error as Error, 'ignored')
  }
}

/** Instances do not change, and parsing costs as much as all the rest of an attempt. */
const origins = new WeakMap<Instance, string>()

/** Where an instance is; throws for what would lead elsewhere. */
export function originOf(instance: Instance): string {
  const known = origins.get(instance)
  if (known !== undefined) return known
  const { id, host, port, secure } = instance
  const origin = instanceOrigin(host, port, secure)
  if (origin === undefined) throw new TypeError(`instance ${id} has no address that can be called`)
  origins.set(instance, origin)
  return origin
}
