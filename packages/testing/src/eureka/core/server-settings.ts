/** How a server behaves over time. The names are those of Eureka's own settings, with their unit. */

export interface ServerSettings {
  /** How often expired leases are looked for. */
  readonly evictionIntervalMs: number
  /** How often the pages that clients read are renewed; 0 = clients read no copies, and see changes at once. */
  readonly responseCacheUpdateIntervalMs: number
  /** How long a page lives when nothing changes. */
  readonly responseCacheExpiryMs: number
  /** How long a change stays in the delta. */
  readonly deltaRetentionMs: number
  readonly deltaPurgeIntervalMs: number
  /** Whether the delta is answered with 403. */
  readonly disableDelta: boolean
  readonly selfPreservation: boolean
  readonly renewalPercentThreshold: number
  readonly expectedRenewalIntervalMs: number
  readonly thresholdUpdateIntervalMs: number
  /** Clients expected at the start; with 0 self-preservation never lets a lease expire. */
  readonly expectedClients: number
  /** How long after the start lists are answered with 403. */
  readonly waitTimeWhenSyncEmptyMs: number
}
