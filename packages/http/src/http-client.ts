/**
 * The front door: `fetch` and `request` as one knows them, on instances that a registry knows, under policies.
 */
import type { CommandSnapshot } from '@breakwater/command'
import type { BalancerSnapshot } from '@breakwater/discovery-client'
import { Emitter } from '@breakwater/kernel'
import { fetch as undiciFetch } from 'undici'
import type { Dispatcher, request as undiciRequest, RequestInfo, RequestInit, Response } from 'undici'
import { axiosAdapterOf } from './axios-adapter.js'
import type { AxiosAdapterLike } from './axios-adapter.js'
import { boundedAnswer, isInflated } from './bounded-answer.js'
import { BreakwaterDispatcher } from './breakwater-dispatcher.js'
import { tellOf } from './client-events.js'
import type { HttpClientEvents } from './client-events.js'
import { checkPolicies } from './check-policies.js'
import { resolveClient } from './client-options.js'
import type { HttpClientOptions, ResolvedClient } from './client-options.js'
import { refuseCredentials, withoutInput } from './core/redaction.js'
import { Directory } from './engine/directory.js'
import { isOfUndici7 } from './engine/downstream.js'
import { Engine } from './engine/engine.js'
import { readSettings } from './engine/call-settings.js'
import type { CallSettings, OwnSettings } from './engine/call-settings.js'
import { sendable } from './fetch-body.js'
import { leavesRedirects, unpacked } from './fetch-request.js'
import { requestThrough } from './request-through.js'
import type { PoolStats } from './wire/instance-pool.js'
import { dispatchOutlet, legacyOutlet } from './wire/dispatch-outlet.js'
import { Pools } from './wire/pools.js'

/** Sends requests. */
export interface HttpSender {
  /**
   * As the `fetch` of the platform. Failing answers are answers when no attempt brought a better one. An answer is a `Response` of
   * undici: the same in all that it can do, but no `instanceof globalThis.Response`.
   */
  readonly fetch: typeof fetch
  /** As `request` of undici; a dispatcher in its options has no meaning. */
  readonly request: typeof undiciRequest
  /** Both of them, as anything that takes a dispatcher of undici 7 can use it. */
  readonly dispatcher: Dispatcher
}

/** What `compose` takes: a function that sends, of undici 7 or 8, becomes one of the same type. */
export type DispatchInterceptor = <D extends (options: never, handler: never) => boolean>(dispatch: D) => D

export interface HttpClientSnapshot {
  readonly services: readonly {
    readonly name: string
    readonly command: CommandSnapshot
    /** Absent for hosts outside of services. */
    readonly balancer: BalancerSnapshot | undefined
  }[]
  readonly pools: readonly PoolStats[]
}

export interface HttpClient extends HttpSender, AsyncDisposable {
  /**
   * The same client with settings for the requests made through it.
   *
   * @throws InvalidOptionsError
   */
  with(settings: CallSettings): HttpSender
  /** For `compose` of any dispatcher of undici 7 or 8: the policies of this client over the connections of that dispatcher. */
  interceptor(settings?: CallSettings): DispatchInterceptor
  /** For `axios.create({ adapter })`. */
  axiosAdapter(settings?: CallSettings): AxiosAdapterLike
  snapshot(): HttpClientSnapshot
  /** Subscribes; returns the function that unsubscribes. */
  on<E extends keyof HttpClientEvents>(event: E, listener: (payload: HttpClientEvents[E]) => void): () => void
  /** Lets the attempts that are under way end, after which there are no others, refuses what waits for its turn, and closes all connections. */
  close(): Promise<void>
}

/**
 * A client for HTTP. A request to `http://users/…` goes to an instance of the service `users` if it was named or a source knows it,
 * any other request to its host. What failed is tried again where that can do no harm, on another instance if there is one,
 * within a budget; a breaker for each service ends what is hopeless; all of it within the time of the request.
 *
 * @throws InvalidOptionsError with every fault of the options, those of the policies inside too.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { createHttpClient } from '@breakwater/http'
 *
 * const server = createServer((_request, response) => response.end('hello')).listen(0)
 * const { port } = server.address() as { port: number }
 * const client = createHttpClient({ services: { users: { instances: [`http://127.0.0.1:${port}`] } } })
 * const response = await client.fetch('http://users/42')
 * console.log(response.status, await response.text()) // 200 hello
 * await client.close()
 * server.close()
 * ```
 */
export function createHttpClient(options?: HttpClientOptions): HttpClient {
  const resolved = resolveClient(options)
  checkPolicies(resolved)
  return new Client(resolved)
}

class Client implements HttpClient {
  readonly fetch: typeof fetch
  readonly request: typeof undiciRequest
  readonly dispatcher: Dispatcher
  private readonly engine: Engine
  private readonly pools: Pools
  private readonly emitter = new Emitter<HttpClientEvents>('createHttpClient')
  /** Of the service that keeps the largest bodies; the engine knows which it is. */
  private readonly maxReplayBytes: number
  /** Whether answers of any service have a limit. */
  private readonly isBounded: boolean

  constructor(resolved: ResolvedClient) {
    const { defaults, source, services, clock, random, runtime } = resolved
    const all = [defaults, ...services.map(({ options }) => options)]
    this.isBounded = all.some(({ maxBodyBytes }) => maxBodyBytes !== undefined)
    this.maxReplayBytes = Math.max(...all.map(({ maxReplayBytes }) => maxReplayBytes))
    this.pools = new Pools(resolved.pools)
    const directory = new Directory({
      pools: this.pools,
      source,
      defaults,
      around: { clock, random, runtime },
      maxDirectOrigins: resolved.pools.maxDirectOrigins,
      onService: (service) => {
        tellOf(service, this.emitter)
      },
    })
    for (const { name, options, source: own } of services) directory.add(name, options, own)
    this.engine = new Engine(directory)
    const sender = this.senderWith(undefined)
    this.fetch = sender.fetch
    this.request = sender.request
    this.dispatcher = sender.dispatcher
  }

  with(settings: CallSettings): HttpSender {
    return this.senderWith(readSettings(settings))
  }

  interceptor(settings?: CallSettings): DispatchInterceptor {
    const { engine } = this
    const checked = settings === undefined ? undefined : readSettings(settings)
    const intercept = (dispatch: Dispatcher.Dispatch): Dispatcher.Dispatch => {
      const modern = { settings: checked, outlet: dispatchOutlet(dispatch) }
      const legacy = { settings: checked, outlet: legacyOutlet(dispatch) }
      // Undici counts the parameters.
      return function throughBreakwater(options, handler) {
        return engine.dispatch(options, handler, isOfUndici7(handler) ? legacy : modern)
      }
    }
    // Versions of undici differ in types where it does not matter here.
    return intercept as unknown as DispatchInterceptor
  }

  axiosAdapter(settings?: CallSettings): AxiosAdapterLike {
    return axiosAdapterOf(settings === undefined ? this : this.with(settings))
  }

  snapshot(): HttpClientSnapshot {
    const services = this.engine.directory.all.map(({ name, command, balancer }) => ({
      name,
      command: command.snapshot(),
      balancer: balancer?.snapshot(),
    }))
    return { services, pools: this.pools.stats }
  }

  on<E extends keyof HttpClientEvents>(
    event: E,
    listener: (payload: HttpClientEvents[E]) => void,
  ): () => void {
    return this.emitter.on(event, listener)
  }

  async close(): Promise<void> {
    this.engine.directory.close()
    await this.pools.close()
    this.engine.directory.dispose()
    this.emitter.clear()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private bounded(answer: Response, settings: OwnSettings | undefined): Response {
    if (!isInflated(answer)) return answer
    const said = settings !== undefined && 'maxBodyBytes' in settings
    const { maxBodyBytes } = said ? settings : this.engine.directory.optionsAt(new URL(answer.url))
    return maxBodyBytes === undefined ? answer : boundedAnswer(answer, maxBodyBytes)
  }

  private senderWith(settings: OwnSettings | undefined): HttpSender {
    const { engine, pools } = this
    const maxReplayBytes = settings?.maxReplayBytes ?? this.maxReplayBytes
    const dispatcher = new BreakwaterDispatcher(engine, pools, { settings })
    const ofFetch = { settings, isFetch: true }
    const plain = new BreakwaterDispatcher(engine, pools, ofFetch)
    const following = new BreakwaterDispatcher(engine, pools, { ...ofFetch, leavesRedirects: true })
    const send = async (
      input: RequestInfo,
      init: RequestInit,
      over: BreakwaterDispatcher,
    ): Promise<Response> => {
      const body = await sendable(init, maxReplayBytes)
      const answer = undiciFetch(input, {
        ...(body?.init ?? init),
        dispatcher: body ? over.sending(body) : over,
      })
      void body?.upload?.follow(answer)
      return answer
    }
    const unbounded = (given: RequestInfo, said?: RequestInit): Promise<Response> => {
      try {
        refuseCredentials(given)
        const [input, init] = unpacked(given, said)
        const over = leavesRedirects(input, init) ? following : plain
        const isWhole = init?.body === undefined || init.body === null
        const answer = isWhole ? undiciFetch(input, { ...init, dispatcher: over }) : send(input, init, over)
        return answer.catch(failWithoutInput)
      } catch (error) {
        return Promise.reject(withoutInput(error))
      }
    }
    const fetch =
      (settings?.maxBodyBytes ?? this.isBounded)
        ? async (input: RequestInfo, init?: RequestInit): Promise<Response> =>
            this.bounded(await unbounded(input, init), settings)
        : unbounded
    return {
      dispatcher,
      // The types of undici's own and of the platform's fetch are two names of one thing.
      fetch: fetch as unknown as typeof globalThis.fetch,
      request: requestThrough(dispatcher),
    }
  }
}

function failWithoutInput(error: unknown): never {
  throw withoutInput(error)
}
