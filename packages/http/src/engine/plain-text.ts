/** What was asked for by `https:` never goes out in plain text, whatever a registry says of instances (S14). */
import type { Pick } from '@breakwater/discovery-client'
import { NoInstancesError } from '@breakwater/kernel'

/** Whether a request is to go to instances with TLS only. */
export function needsTls(origin: string | URL | undefined): boolean {
  if (typeof origin !== 'string') return origin?.protocol === 'https:'
  // Nearly all are written like this; URLs may begin in other ways, too.
  return !origin.startsWith('http:') && URL.canParse(origin) && new URL(origin).protocol === 'https:'
}

/** Whom not to ask: those that were asked, and those without TLS. */
export function withoutPlain(
  tried: readonly string[] | null,
  plain: readonly string[] | undefined,
): readonly string[] {
  return [...(tried ?? []), ...(plain ?? [])]
}

/** Takes a choice back that was made for want of a better one. */
export function refusePlain(pick: Pick, service: string): never {
  pick.done('ignored')
  throw new NoInstancesError(`${service}: asked for by https, and no instance that could be asked has TLS`)
}
