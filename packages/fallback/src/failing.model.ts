/**
 * Calls that fail, and how a fallback fails them.
 */
import { FallbackFailedError } from '@breakwater/kernel'

export const never = (): Promise<never> => new Promise(() => undefined)
export const boom: Error = new Error('boom')
export const fail = (): Promise<never> => Promise.reject(boom)
export const throwing = (error: unknown) => (): never => {
  throw error
}

export async function errorOf(promise: Promise<unknown>): Promise<FallbackFailedError> {
  const settled = await Promise.allSettled([promise])
  const reason: unknown = settled[0].status === 'rejected' ? settled[0].reason : undefined
  if (reason instanceof FallbackFailedError) return reason
  throw new Error(`expected a FallbackFailedError, got ${String(reason)}`)
}
