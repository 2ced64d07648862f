/** Outbound HTTP on undici: instances from discovery, and all policies of a call in one place. */
export type { AxiosAdapterLike } from './axios-adapter.js'
export type { HttpClientEvents } from './client-events.js'
export type { HttpClientOptions } from './client-options.js'
export { DEADLINE_HEADER } from './core/deadline-header.js'
export type { DeadlineHeader } from './core/deadline-header.js'
export type { FailureClass } from './core/failure-class.js'
export type { Verdict } from './core/verdict.js'
export { AttemptFailedError } from './engine/attempt-failed-error.js'
export type { FallbackAnswer } from './engine/plain-answer.js'
export type { CallSettings } from './engine/call-settings.js'
export type {
  AnswerHead,
  HttpHedgeOptions,
  HttpRetryOptions,
  RequestOptions,
  RequestShape,
} from './engine/request-options.js'
export type { ServiceOptions } from './engine/service-options.js'
export { createHttpClient } from './http-client.js'
export type { DispatchInterceptor, HttpClient, HttpClientSnapshot, HttpSender } from './http-client.js'
export { inboundBudgetMs } from './inbound-budget.js'
// What `client.request` and `client.dispatcher` are typed with: programs with another undici can name it by this one.
export type { Dispatcher } from 'undici'
export type { AddressRange, AddressRules } from './wire/address-rules.js'
export type { FailureKind } from './wire/exchange.js'
export type { PoolState, PoolStats } from './wire/instance-pool.js'
export type { PoolOptions, TlsOptions } from './wire/pool-options.js'
export { AddressDeniedError, PoolClosedError, ResponseTooLargeError } from './wire/wire-errors.js'
