// All programs, one after the other.

await import('./fetch.ts')
await import('./interceptor.ts')
await import('./axios.ts')
