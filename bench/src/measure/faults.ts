// Two faults that a healthy dependency can meet: the caller's own loop was blocked, and a trial that never ends.

import { stat } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { setImmediate as loopTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Faulted, Library, Work } from '../subjects/subject.ts'
import { startServer } from './answer-server.ts'
import type { Metrics } from './paired.ts'
import { FAILURE } from './work.ts'

const CALLS = 50
const TIMEOUT_MS = 1_000
const BLOCKED_MS = 2_000
const ANSWER_AFTER_MS = 400
const OPEN_MS = 200
const WATCH_MS = 12_000
const LOOK_MS = 50
const MOST_CALLS = 1_000

/** Calls of a real server whose answers lie in the sockets when the blocked loop goes on: `answered`, `timeouts`, and 1 as `opened` when the breaker has opened. */
export async function measureStall(library: Library): Promise<Metrics> {
  const server = await startServer(ANSWER_AFTER_MS)
  const work: Work = async () => (await fetch(server.url)).text()
  const faulted = settingUp(library, { work, timeoutMs: TIMEOUT_MS })
  const pending = Promise.allSettled(Array.from({ length: CALLS }, () => faulted.call()))
  while (server.received() < CALLS) await sleep(1)
  // As in a service that works too long on a request: from a callback of I/O the loop goes on to its timers before it reads a socket again.
  stat('.', block)
  const ended = await pending
  const timeouts = ended.filter((end) => end.status === 'rejected' && faulted.isTimeout(end.reason))
  return {
    answered: ended.filter(({ status }) => status === 'fulfilled').length,
    timeouts: timeouts.length,
    opened: faulted.isOpen() ? 1 : 0,
  }
}

/**
 * Trials are taken until no more are admitted, and none of them ever ends. `readmitMs` is the time until another call reaches the work,
 * absent when none did in `watchedMs`; `unanswered` counts the calls meanwhile that were neither refused nor answered.
 */
export async function measureProbe(library: Library): Promise<Metrics> {
  let mode: 'fails' | 'hangs' | 'succeeds' = 'fails'
  let reached = 0
  const work: Work = () => {
    reached++
    if (mode === 'hangs') return new Promise(() => {})
    return mode === 'fails' ? Promise.reject(FAILURE) : Promise.resolve(1)
  }
  const faulted = settingUp(library, { work, openMs: OPEN_MS })
  let unanswered = 0
  const reaches = async (): Promise<boolean> => {
    const before = reached
    unanswered++
    const answered = (): void => void unanswered--
    void faulted.call().then(answered, answered)
    await loopTurn()
    return reached > before
  }
  for (let i = 0; i < MOST_CALLS && !faulted.isOpen(); i++) await reaches()
  if (!faulted.isOpen()) throw new Error(`did not open after ${MOST_CALLS} failures`)
  await sleep(OPEN_MS * 2)
  mode = 'hangs'
  let trials = 0
  while (trials < MOST_CALLS && (await reaches())) trials++
  if (trials === 0) throw new Error('admitted no trial')
  mode = 'succeeds'
  const readmitMs = await untilTrue(reaches, WATCH_MS)
  const found = readmitMs === undefined ? {} : { readmitMs }
  return { trials, watchedMs: WATCH_MS, unanswered: unanswered - trials, ...found }
}

function settingUp(library: Library, settings: Parameters<NonNullable<Library['faulted']>>[0]): Faulted {
  if (library.faulted === undefined) throw new Error('has no adapter for faults')
  return library.faulted(settings)
}

function block(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCKED_MS)
}

/** Milliseconds until it is; undefined when it never was. */
async function untilTrue(look: () => Promise<boolean>, withinMs: number): Promise<number | undefined> {
  const start = performance.now()
  while (performance.now() - start < withinMs) {
    await sleep(LOOK_MS)
    if (await look()) return performance.now() - start
  }
  return undefined
}
