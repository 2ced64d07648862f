/**
 * Whether leases may expire. A server that hears far fewer renewals than its clients ought to send suspects its own
 * network, and keeps everybody. Renewals count by whole minutes: what happens now shows up a minute later.
 */

export interface PreservationSettings {
  readonly selfPreservation: boolean
  /** Share of the expected renewals below which nothing expires, 0 to 1. */
  readonly renewalPercentThreshold: number
  readonly expectedRenewalIntervalMs: number
}

const MINUTE_MS = 60_000

export class SelfPreservation {
  private expectedClients: number
  private renewals = 0
  private renewalsOfLastMinute = 0

  constructor(expectedClients: number) {
    this.expectedClients = expectedClients
  }

  /**
   * A client more or less. A server that expects nobody stays so, and keeps every lease for ever (Netflix/eureka#1459).
   */
  expect(change: 1 | -1): void {
    if (this.expectedClients > 0) this.expectedClients += change
  }

  /** Takes the size of the registry for the number of clients, unless that would hide a mass death. */
  recount(clients: number, settings: PreservationSettings): void {
    const isPlausible = clients > settings.renewalPercentThreshold * this.expectedClients
    if (isPlausible || !settings.selfPreservation) this.expectedClients = clients
  }

  renewed(): void {
    this.renewals += 1
  }

  /** Ends a minute. */
  turnMinute(): void {
    this.renewalsOfLastMinute = this.renewals
    this.renewals = 0
  }

  get renewsLastMinute(): number {
    return this.renewalsOfLastMinute
  }

  threshold({ renewalPercentThreshold, expectedRenewalIntervalMs }: PreservationSettings): number {
    const renewalsEach = MINUTE_MS / expectedRenewalIntervalMs
    return Math.floor(this.expectedClients * renewalsEach * renewalPercentThreshold)
  }

  mayExpire(settings: PreservationSettings): boolean {
    if (!settings.selfPreservation) return true
    const threshold = this.threshold(settings)
    return threshold > 0 && this.renewalsOfLastMinute > threshold
  }
}

/** How many of the expired leases one run of the evictor may take: those beyond the share that has to stay. */
export function evictionLimit(registered: number, { renewalPercentThreshold }: PreservationSettings): number {
  return registered - Math.floor(registered * renewalPercentThreshold)
}
