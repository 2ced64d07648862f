// One run after the other, in a thread of its own: a job comes in, its numbers go out.

import { parentPort } from 'node:worker_threads'
import { contestantOf } from './contestants.ts'
import { run } from './run.ts'
import { metricsOf } from './metrics.ts'
import type { Metrics } from './metrics.ts'
import { rowOf } from './rows.ts'

export interface Job {
  readonly row: string
  readonly contestant: string
  readonly seed: number
}

export interface Done {
  readonly job: Job
  readonly metrics: Metrics
}

parentPort?.on('message', (job: Job) => {
  const row = rowOf(job.row)
  const metrics = metricsOf(row, run(row, contestantOf(job.contestant), job.seed))
  const done: Done = { job, metrics }
  parentPort?.postMessage(done)
})
