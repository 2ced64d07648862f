/** Limits for real sockets on loopback. */
import { systemClock } from '@breakwater/kernel'
import type { ExchangeOptions } from './exchange.js'

/** Those that no answer meets, however busy the machine is. */
export const PATIENT: ExchangeOptions = {
  clock: systemClock,
  connectTimeoutMs: 5_000,
  readTimeoutMs: 10_000,
  idleTimeoutMs: 30_000,
  maxConnectionsPerServer: 10,
  maxBodyBytes: 64 * 1_024,
}

/** Those that show within a moment what takes seconds elsewhere. */
export const QUICK: Pick<ExchangeOptions, 'connectTimeoutMs' | 'readTimeoutMs'> = {
  connectTimeoutMs: 100,
  readTimeoutMs: 200,
}
