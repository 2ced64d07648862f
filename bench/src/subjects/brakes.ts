// brakes. A timeout is always on (there is no breaker-only mode), and bluebird gives each call a turn of the event loop.

import Brakes from 'brakes'
import { OPEN_MS, TIMEOUT_MS } from './subject.ts'
import type { Build, Library, Subject, Work } from './subject.ts'

/** brakes with its defaults. */
export function brakes(): Library {
  return {
    adapter: (build) => (build.policies === 'five' ? undefined : brakesSubject(build)),
    idle: {
      create: (index) => new Brakes(idleWork, { name: `idle-${index}` }),
      use: (brake) => (brake as Brakes).exec(),
    },
  }
}

function brakesSubject(build: Build): Subject {
  const brake = new Brakes(build.work, {
    name: build.key,
    timeout: TIMEOUT_MS,
    circuitDuration: OPEN_MS,
    // The share that must succeed: none, when it must not trip.
    threshold: build.mode.startsWith('fails') ? 0 : 0.5,
  })
  if (build.mode.endsWith('fallback')) brake.fallback(() => Promise.resolve(0))
  return { call: () => brake.exec(), dispose: () => brake.destroy() }
}

const idleWork: Work = async () => 1
