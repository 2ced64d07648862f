import { embeddedServers } from './servers.ts'
import { tellAll } from './suite.model.ts'

const SOAK_MS = 3_000

for (const flavour of ['netflix', 'spring'] as const)
  tellAll(`an embedded server of ${flavour}`, {
    flavour,
    start: embeddedServers(flavour),
    // The wire's side is told in simulated time, by runner.test.ts.
    parts: ['client'],
    soakMs: SOAK_MS,
  })
