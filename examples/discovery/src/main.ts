// All programs that need nothing but themselves, one after the other.

await import('./static.ts')
await import('./file.ts')
await import('./dns.ts')
await import('./eureka.ts')
await import('./merged.ts')
await import('./failover.ts')
