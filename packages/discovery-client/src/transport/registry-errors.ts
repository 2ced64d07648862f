/**
 * Everything that can go wrong between us and a registry, as one kind of error with a code for each way. Messages name
 * the server without its credentials, and never quote what it said.
 */
import { RegistryError } from '@breakwater/kernel'

/** What comes after `ERR_REGISTRY_`. */
export type RegistryFault =
  /** No connection, or one that broke before the answer was whole. */
  | 'UNREACHABLE'
  /** The time for one attempt was over. */
  | 'TIMEOUT'
  /** The answer's status is none that the operation can have. */
  | 'STATUS'
  /** The body is not what the operation answers: no JSON, damaged, or of another shape. */
  | 'BODY'
  /** The body is longer than allowed, as it came or unpacked. */
  | 'TOO_LARGE'
  /** A redirect that may not be followed, or too many of them. */
  | 'REDIRECT'
  /** No server is known, or all that were tried failed; `cause` is the last failure. */
  | 'NO_SERVER'
  /** The client was stopped meanwhile. */
  | 'STOPPED'
  /** The service URLs could not be looked up in DNS. */
  | 'DNS'

/** What is known beyond the message. */
export interface RegistryFaultDetails {
  readonly cause?: unknown
  readonly retryAfterMs?: number | undefined
  /** The HTTP status of the answer, where that is the fault. */
  readonly answered?: number | undefined
}

/** An error for `fault`. */
export function registryError(
  fault: RegistryFault,
  message: string,
  details: RegistryFaultDetails = {},
): RegistryError {
  return new RegistryError(message, { code: `ERR_REGISTRY_${fault}`, ...details })
}

/** Why nothing is asked any more. */
export function stoppedError(): RegistryError {
  return registryError('STOPPED', 'the client was stopped')
}

/** Whether `error` is one of ours with this fault. */
export function isRegistryFault(error: unknown, fault: RegistryFault): boolean {
  return error instanceof RegistryError && error.code === `ERR_REGISTRY_${fault}`
}
