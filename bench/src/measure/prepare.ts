// Makes the calls of a case, and sees that they do what the case says: nothing is timed that is not what it is called.

import type { Group } from '../group.ts'
import type { Library, Subject, Work } from '../subjects/subject.ts'
import { openGate, waitAtGate } from './loops.ts'
import type { Pair } from './paired.ts'
import { FAILURE, SharedWork } from './work.ts'

const MOST_FAILURES_TO_TRIP = 1_000

/** What a group calls, and the same without any library; with proof that both do what the group says. */
export async function preparePair(group: Group, library: Library): Promise<Pair> {
  const { policies, mode, shape } = group
  const work = new SharedWork()
  const run: Work = mode !== 'closed' ? work.run : closedWork(group)
  const subject = library.adapter({ policies, mode, work: run, key: 'bench' })
  if (subject === undefined) throw new Error('cannot do this')
  if (mode === 'closed') {
    await expectAnswer(subject, shape === 'in-flight')
    return { shape, bare: run, call: subject.call }
  }
  if (mode.startsWith('open')) {
    await tripByFailures(subject, work)
    const bare = new SharedWork()
    bare.failing = mode === 'open'
    return { shape, bare: bare.run, call: subject.call }
  }
  return {
    shape,
    bare: work.run,
    call: subject.call,
    between: () => expectFailure(subject, work, mode === 'fails'),
  }
}

function closedWork({ shape, syncWork, readsSignal }: Group): Work {
  if (shape === 'in-flight') return waitAtGate
  // Answers 1 only when a library has given it a signal, which `expectAnswer` then proves.
  if (readsSignal === true) return async (context) => (context?.signal?.aborted === false ? 1 : 0)
  return syncWork === true ? () => 1 : async () => 1
}

async function expectAnswer(subject: Subject, gated: boolean): Promise<void> {
  const pending = subject.call()
  if (gated) {
    // Some libraries start the work a few ticks later.
    await new Promise((resolve) => setImmediate(resolve))
    openGate()
  }
  const value = await pending
  if (value !== 1) throw new Error(`answered ${String(value)} instead of the work's 1`)
}

/** One success, which keeps the failure rate under 100 %, then proof that failures still reach the work. */
async function expectFailure(subject: Subject, work: SharedWork, rejects: boolean): Promise<void> {
  work.failing = false
  await subject.call()
  work.failing = true
  const before = work.calls
  let outcome: unknown
  try {
    outcome = await subject.call()
  } catch (error) {
    outcome = error
  }
  if (work.calls === before) throw new Error('the breaker opened in a case that must stay closed')
  if (outcome !== (rejects ? FAILURE : 0)) throw new Error(`ended with ${String(outcome)}`)
}

async function tripByFailures(subject: Subject, work: SharedWork): Promise<void> {
  work.failing = true
  for (let i = 0; i < MOST_FAILURES_TO_TRIP; i++) {
    const before = work.calls
    try {
      await subject.call()
    } catch {
      // Failing is the point.
    }
    if (work.calls === before) return
  }
  throw new Error(`did not open after ${MOST_FAILURES_TO_TRIP} failures`)
}
