/** How registrations and heartbeats came out, for metrics. Monotone for the life of the client. */
export class RegistrationCounts {
  /** Registrations that a server took: the first, and every later one. */
  registrations = 0
  /** `unknown`: the server did not know the instance, and a registration followed. */
  readonly heartbeats: Record<'success' | 'unknown' | 'failure', number> = {
    success: 0,
    unknown: 0,
    failure: 0,
  }
}
