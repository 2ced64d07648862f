import {
  answering,
  beforeTrial,
  callTimes,
  failing,
  hanging,
  OPENS_AT_ONCE,
  openThenWait,
  pass,
  reaches,
  slow,
  start,
} from '../scenario.js'
import type { Scenario, Theme } from '../scenario.js'
import type { Library, Stack, Work } from '../subject.js'

const HOUR_MS = 3_600_000

/** What a call from before the opening did to the circuit when it ended beside a trial. */
async function lateResult(library: Library, end: Work): Promise<{ changed: boolean; state: string }> {
  const stack = library.build({ breaker: OPENS_AT_ONCE })
  start(stack, slow(1_500, end))
  await openThenWait(stack, 1_000)
  start(stack, hanging)
  await pass(100)
  const before = stack.state()
  await pass(500)
  return { changed: stack.state() !== before, state: stack.state() }
}

const reopens: Scenario = {
  id: 'opossum#385',
  says: 'However many calls fail while it opens, it admits a trial after its open time',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ breaker: OPENS_AT_ONCE })
    for (let call = 0; call < 10; call++) start(stack, slow(call * 10, failing))
    await pass(1_200)
    return { right: await reaches(stack), saw: 'shut' }
  },
}

const emptied: Scenario = {
  id: 'opossum#276',
  says: 'A window that has emptied meanwhile does not keep it half-open',
  time: 'simulated',
  async run(library) {
    const opens = { percent: 50, volume: 3, windowMs: 1_000 }
    const stack = library.build({ breaker: { opens, openMs: 60_000 } })
    await openThenWait(stack, 60_000)
    await callTimes(1, stack, answering)
    return { right: stack.state() === 'closed', saw: stack.state() }
  },
}

const lostTrial: Scenario = {
  id: 'O2, C3',
  says: 'A trial that never ends does not keep the others out for ever',
  time: 'simulated',
  async run(library) {
    const stack = await beforeTrial(library)
    start(stack, hanging)
    await pass(HOUR_MS)
    const next = start(stack, answering)
    await pass(0)
    const saw = next.end === 'none' ? 'an hour later callers hang behind it' : 'an hour later all are refused'
    return { right: next.ran, saw }
  },
  notes: { opossum: 'with its timeout off; by default it is 10 s' },
}

const lateSuccess: Scenario = {
  id: 'O3',
  says: 'A late success of a call from before the opening does not close it',
  time: 'simulated',
  async run(library) {
    const { changed, state } = await lateResult(library, answering)
    return { right: !changed, saw: `${state} while the trial runs` }
  },
}

const lateFailure: Scenario = {
  id: 'O3, C2',
  says: 'A late failure of such a call does not open it again while its trial runs',
  time: 'simulated',
  async run(library) {
    const { changed, state } = await lateResult(library, failing)
    return { right: !changed, saw: `${state} again while the trial runs` }
  },
}

const restored: Scenario = {
  id: 'O1',
  says: 'A saved breaker that is restored stays open for the rest of its time: no less, no more',
  time: 'simulated',
  async run(library) {
    const parts = { breaker: { ...OPENS_AT_ONCE, openMs: 10_000 } }
    const again = (restore: string): Stack => library.build({ breaker: { ...parts.breaker, restore } })
    const old = library.build(parts)
    await pass(HOUR_MS)
    await callTimes(1, old, failing)
    const tooEarly = await reaches(again(old.save()))

    const young = library.build(parts)
    await callTimes(1, young, failing)
    await pass(4_000)
    const later = again(young.save())
    await pass(6_100)
    const inTime = await reaches(later)
    const saw = [
      ...(tooEarly ? ['an old one that has just opened admits at once'] : []),
      ...(inTime ? [] : ['a young one starts its whole open time again']),
    ]
    return { right: saw.length === 0, saw: saw.join('; ') }
  },
}

export const halfOpen: Theme = {
  title: 'The half-open state: how it begins and ends',
  scenarios: [reopens, emptied, lostTrial, lateSuccess, lateFailure, restored],
}
