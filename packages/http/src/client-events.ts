/** What a client tells of its services. */
import type { CircuitBreakerEvents, HedgeEvents, RetryEvents } from '@breakwater/breaker'
import type { Emitter } from '@breakwater/kernel'
import type { Service } from './engine/service.js'

interface OfService {
  readonly service: string
}

export interface HttpClientEvents {
  /** Another attempt follows a failed one. */
  retry: RetryEvents['retry'] & OfService
  /** There is none, though the failure was one to retry. */
  exhausted: RetryEvents['exhausted'] & OfService
  /** Another attempt begins beside those that run. */
  hedge: HedgeEvents['hedge'] & OfService
  /** The breaker of a service changed its state. */
  transition: CircuitBreakerEvents['transition'] & OfService
}

/** Passes on what happens in a service. */
export function tellOf(service: Service, emitter: Emitter<HttpClientEvents>): void {
  const { name } = service
  service.further.events.on('retry', (event) => {
    emitter.emit('retry', { ...event, service: name })
  })
  service.further.events.on('exhausted', (event) => {
    emitter.emit('exhausted', { ...event, service: name })
  })
  service.further.events.on('hedge', (event) => {
    emitter.emit('hedge', { ...event, service: name })
  })
  service.command.on('transition', (event) => {
    emitter.emit('transition', { ...event, service: name })
  })
}
