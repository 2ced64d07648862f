// @git-stunts/alfred, breaker only: its timeout does not clear its timer when the work is done, so a loop through it measures a growing timer list.

import { circuitBreaker } from '@git-stunts/alfred'
import { NEVER, OPEN_MS } from './subject.ts'
import type { Library, Work } from './subject.ts'

/** alfred's breaker (consecutive failures). */
export function alfred(): Library {
  return {
    adapter: ({ policies, mode, work }) => {
      if (policies !== 'breaker' || mode.endsWith('fallback')) return undefined
      const breaker = circuitBreaker({ threshold: mode === 'fails' ? NEVER : 5, duration: OPEN_MS })
      return { call: () => breaker.execute(work as () => Promise<unknown>) }
    },
    idle: {
      create: () => circuitBreaker({ threshold: 5, duration: OPEN_MS }),
      use: (breaker) =>
        (breaker as ReturnType<typeof circuitBreaker>).execute(idleWork as () => Promise<unknown>),
    },
  }
}

const idleWork: Work = async () => 1
