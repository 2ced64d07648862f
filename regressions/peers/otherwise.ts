/**
 * What no script shows, kept by hand: where Breakwater is worse, or does it otherwise. Sizes are what `npm run size`
 * says.
 */
export const OTHERWISE = `## Where Breakwater is behind, or otherwise

Kept by hand.

| | Breakwater | opossum | cockatiel |
| --- | --- | --- | --- |
| In production | nowhere yet, not on npm | for years, millions of downloads a month | for years, millions of downloads a month |
| A breaker in a bundle, minified and gzipped (\`npm run size\`) | 33.5 kB | 4.6 kB | 2.8 kB |
| Node | 22.12 or later | 22, 24, 26 | 22 or later |
| Browsers | no: needs \`node:\` modules | yes, a build for them is in the package | imports nothing of Node; we have not tried it |
| A cache with a store of one’s own | no: memory, bounded | yes | no |
| Health check that opens a circuit | no | yes | no |
| Warm-up during which nothing opens | no; \`volume\` is what there is | yes | no |
| Half-open: a share of several trials may fail | no: the first failure opens it again | no | yes, \`halfOpenSampling\` |
| Becomes half-open by itself when the open time is over | no, with the next call: without traffic it shows open | yes, with an event | no, with the next call |
| An event for each call | not of a breaker; a \`guard\` beside it is told | yes | yes |
| A timeout that only aborts, and waits for the work | no | no | yes, \`TimeoutStrategy.Cooperative\` |
| Slow fallbacks at once | 10 by default, as in Hystrix; beyond that the call fails | no limit | no limit |
| Latencies at more than about 100,000 calls a second | a sample, unless \`exactClock\` is given | each one is kept | none are kept |
| Decorators | no | no | yes |
| Learning it | policies, pipelines, commands: many options | one class, five minutes | a handful of functions |
| Work past its timeout | holds its slot, so a bulkhead fills when the work ignores its signal; \`releaseOnTimeout\` gives it back | slot is free at once | by the order of the policies |
`
