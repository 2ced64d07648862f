// levee, a callback library with a timeout that is always on; the promise around it is the least a promise user has to write.

import { Breaker } from 'levee'
import type { Done } from 'levee'
import { NEVER, OPEN_MS, TIMEOUT_MS } from './subject.ts'
import type { Build, Library, Subject, Work } from './subject.ts'

/** levee with its defaults. */
export function levee(): Library {
  return {
    adapter: (build) =>
      build.policies === 'five' || build.mode.endsWith('fallback') ? undefined : leveeSubject(build),
    idle: {
      create: () => new Breaker(command(idleWork), { timeout: TIMEOUT_MS }),
      use: (breaker) => promised(breaker as Breaker),
    },
  }
}

function leveeSubject(build: Build): Subject {
  const breaker = new Breaker(command(build.work), {
    timeout: TIMEOUT_MS,
    resetTimeout: OPEN_MS,
    maxFailures: build.mode === 'fails' ? NEVER : 5,
  })
  return { call: () => promised(breaker) }
}

function command(work: Work): { execute(done: Done): void } {
  return {
    execute(done) {
      void (work() as Promise<unknown>).then((value) => done(null, value), done)
    },
  }
}

function promised(breaker: Breaker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    breaker.run((error, value) => (error === null ? resolve(value) : reject(error)))
  })
}

const idleWork: Work = async () => 1
