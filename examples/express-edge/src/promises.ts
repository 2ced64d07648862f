// The numbers that the demo promises and is judged by.

/** Within this time a page is answered, whatever the upstreams do. */
export const PAGE_BUDGET_MS = 600
/** What the service has of it for its calls, and for one attempt; so it says, and so it is told to the upstreams. */
export const CALL_BUDGET_MS = 400
export const ATTEMPT_MS = 180
/** Granted on top, besides the load generator's own lag: coarse timers and the way through the sockets. */
export const TOLERANCE_MS = 10
/** When the loop of the service itself stalls, nothing that it promises can be in time. Of all answers this share may be. */
export const STALLED_SHARE = 0.03
/** Pages asked for. */
export const PAGES_PER_SECOND = 40
/** For so long after a fault may its failures still be in a breaker's window or in flight. */
export const AFTERMATH_MS = 2_000
/** How often an instance renews its lease. */
export const HEARTBEAT_MS = 400
/** The lease of an instance. Servers wait for twice as long before they evict; that is Eureka's way. */
export const LEASE_MS = 2_000
/** So long after the registry has shown a change may calls still follow what was true before: two fetches, and some. */
export const NEWS_MS = 2_500
/** Who was lost with the registry, or comes into service, is back within this time. */
export const RETURN_MS = 4_000
/** So long after an instance has become slow, failing or silent, the balancer must have noticed. */
export const NOTICE_MS = 1_000
/** From then on at most this share of the calls of its upstream may go to it. Fair would be a half. */
export const SHARE_LIMIT = 0.15
/** How late a single slow instance answers: in time for its callers, but the others answer in 5 to 15 ms. */
export const SLUGGISH_MS = 150
/** When the service itself stalls for so long, nobody can tell a slow instance from the others. */
export const BLINDING_STALL_MS = 60
/** A change in the registry may cost at most this share of the calls, for those under way. */
export const LOSS_SHARE = 0.01
