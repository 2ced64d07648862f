// Runs jobs on as many threads as there are cores.

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Done, Job } from './worker.ts'

/** Rejects with the first error of a thread; all of them have ended then, too. */
export async function runAll(
  jobs: readonly Job[],
  progress: (ended: number) => void,
): Promise<readonly Done[]> {
  const done: Done[] = []
  const left = [...jobs].reverse()
  const count = Math.min(availableParallelism(), jobs.length)
  const workers = Array.from({ length: count }, () => new Worker(new URL('./worker.ts', import.meta.url)))
  const work = (worker: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      const next = (): void => {
        const job = left.pop()
        if (job === undefined) resolve()
        else worker.postMessage(job)
      }
      worker.on('error', reject)
      worker.on('message', (one: Done) => {
        done.push(one)
        progress(done.length)
        next()
      })
      next()
    })
  try {
    await Promise.all(workers.map(work))
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  return done
}
