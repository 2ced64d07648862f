/**
 * Limits how often changes of status or metadata are sent at once. Java drops what the bucket refuses and leaves it to the next periodic
 * run; here the bucket says when the next token comes, so that a change waits no longer than it must.
 */
import type { MonotonicMs } from '@breakwater/kernel'

export interface BucketOptions {
  /** Tokens that can be saved up. */
  readonly burst: number
  /** The time in which one token grows. */
  readonly perTokenMs: number
}

/** How full the bucket was, and when. */
export interface Bucket {
  readonly tokens: number
  readonly at: MonotonicMs
  /** A change waits for the next token. */
  readonly isAwaited: boolean
}

export type TokenAnswer =
  | { readonly isGranted: true; readonly bucket: Bucket }
  | { readonly isGranted: false; readonly bucket: Bucket; readonly waitMs: number }

const BURST = 2

/** Java's limit: two at once, and twice as many as replications in the long run (InstanceInfoReplicator). */
export function onDemandLimit(replicationIntervalMs: number): BucketOptions {
  return { burst: BURST, perTokenMs: replicationIntervalMs / BURST }
}

export function fullBucket(options: BucketOptions, now: MonotonicMs): Bucket {
  return { tokens: options.burst, at: now, isAwaited: false }
}

/** Takes a token if there is one; else the next is awaited. */
export function takeToken(bucket: Bucket, options: BucketOptions, now: MonotonicMs): TokenAnswer {
  const tokens = tokensAt(bucket, options, now)
  if (tokens >= 1) return { isGranted: true, bucket: { tokens: tokens - 1, at: now, isAwaited: false } }
  const waitMs = (1 - tokens) * options.perTokenMs
  return { isGranted: false, bucket: { tokens, at: now, isAwaited: true }, waitMs }
}

/** The state was sent: who waited for a token has had it, also where one is not quite there by rounding. */
export function afterSending(bucket: Bucket, options: BucketOptions, now: MonotonicMs): Bucket {
  if (!bucket.isAwaited) return bucket
  return { tokens: Math.max(0, tokensAt(bucket, options, now) - 1), at: now, isAwaited: false }
}

function tokensAt({ tokens, at }: Bucket, { burst, perTokenMs }: BucketOptions, now: MonotonicMs): number {
  return Math.min(burst, tokens + Math.max(0, now - at) / perTokenMs)
}
