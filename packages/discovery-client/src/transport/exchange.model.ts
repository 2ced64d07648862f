/** Limits with which real sockets show within a moment what takes seconds elsewhere. */
import { systemClock } from '@breakwater/kernel'
import type { ExchangeOptions } from './exchange.js'

export const QUICK: ExchangeOptions = {
  clock: systemClock,
  connectTimeoutMs: 100,
  readTimeoutMs: 200,
  idleTimeoutMs: 30_000,
  maxConnectionsPerServer: 10,
  maxBodyBytes: 64 * 1_024,
}
