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
  return { tokens: options.burst, at: now }
}

/** Takes a token if there is one. */
export function takeToken(bucket: Bucket, options: BucketOptions, now: MonotonicMs): TokenAnswer {
  const elapsedMs = Math.max(0, now - bucket.at)
  const tokens = Math.min(options.burst, bucket.tokens + elapsedMs / options.perTokenMs)
  if (tokens >= 1) return { isGranted: true, bucket: { tokens: tokens - 1, at: now } }
  return { isGranted: false, bucket: { tokens, at: now }, waitMs: (1 - tokens) * options.perTokenMs }
}
