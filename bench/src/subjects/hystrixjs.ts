// hystrixjs. It keeps commands in static maps by name, so every build gets its own key. It has no retry: the five-policy build is left out
// rather than shown with four.

import { commandFactory } from 'hystrixjs'
import type { HystrixCommand } from 'hystrixjs'
import { BULKHEAD_LIMIT, OPEN_MS, TIMEOUT_MS } from './subject.ts'
import type { Build, Library, Subject, Work } from './subject.ts'

/** hystrixjs with its defaults. */
export function hystrixjs(): Library {
  return {
    adapter: (build) => (build.policies === 'five' ? undefined : hystrixSubject(build)),
    idle: {
      create: (index) => commandFactory.getOrCreate(`idle-${index}`).timeout(0).run(idleWork).build(),
      use: (command) => (command as HystrixCommand).execute(),
    },
  }
}

function hystrixSubject(build: Build): Subject {
  const builder = commandFactory
    .getOrCreate(build.key)
    .timeout(build.policies === 'breaker' ? 0 : TIMEOUT_MS)
    .circuitBreakerSleepWindowInMilliseconds(OPEN_MS)
    // It trips above the threshold, never at it: 100 keeps it closed whatever fails.
    .circuitBreakerErrorThresholdPercentage(build.mode.startsWith('fails') ? 100 : 50)
    .requestVolumeRejectionThreshold(BULKHEAD_LIMIT)
    .run(build.work)
  if (build.mode.endsWith('fallback')) builder.fallbackTo(() => Promise.resolve(0))
  const command = builder.build()
  return { call: () => command.execute() }
}

const idleWork: Work = async () => 1
