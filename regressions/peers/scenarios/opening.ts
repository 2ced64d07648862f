import { vi } from 'vitest'
import {
  answering,
  block,
  callTimes,
  failing,
  hanging,
  openThenWait,
  pass,
  reaches,
  start,
} from '../scenario.js'
import type { Scenario, Theme } from '../scenario.js'
import type { Library, State } from '../subject.js'

const NOT_FOUND = new Error('404')
const HOUR_MS = 3_600_000

const inFlight: Scenario = {
  id: 'O7',
  says: 'The error rate is a share of the calls that ended',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ breaker: { opens: { percent: 50, volume: 10, windowMs: 60_000 } } })
    for (let call = 0; call < 20; call++) start(stack, hanging)
    await callTimes(1, stack, answering)
    await callTimes(10, stack, failing)
    return {
      right: stack.state() === 'open',
      saw: '10 of 11 ended calls failed, and 20 in flight kept it closed',
    }
  },
}

const idle: Scenario = {
  id: 'C1',
  says: 'After a silence longer than the window, old failures do not count',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ breaker: { opens: { percent: 50, volume: 5, windowMs: 30_000 } } })
    await callTimes(4, stack, failing)
    await pass(300_000)
    await callTimes(2, stack, failing)
    return { right: stack.state() === 'closed', saw: 'opened by failures of five minutes ago' }
  },
}

const blocked: Scenario = {
  id: 'O10',
  says: 'So it is when the loop was blocked meanwhile, or the process frozen',
  time: 'real',
  async run(library) {
    const stack = library.build({ breaker: { opens: { percent: 50, volume: 6, windowMs: 200 } } })
    await callTimes(5, stack, failing)
    block(300)
    await callTimes(3, stack, failing)
    const state = stack.state()
    stack.shutDown()
    return { right: state === 'closed', saw: 'opened by failures from before the block' }
  },
}

const closing: Scenario = {
  id: 'O4',
  says: 'After a recovery, one failure is one failure',
  time: 'simulated',
  async run(library) {
    const opens = { percent: 50, volume: 5, windowMs: 60_000 }
    const stack = library.build({ breaker: { opens, openMs: 1_000 } })
    await openThenWait(stack, 1_000)
    await callTimes(1, stack, answering)
    await callTimes(1, stack, failing)
    return {
      right: stack.state() === 'closed',
      saw: 'the failures of the incident were kept: open again at once',
    }
  },
}

const firstFailure: Scenario = {
  id: 'opossum#217',
  says: 'With default options, the first failure of all does not open it',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ breaker: { opens: 'by default' } })
    await callTimes(1, stack, failing)
    return { right: stack.state() === 'closed', saw: 'open after one call' }
  },
}

const ignored: Scenario = {
  id: 'C10',
  says: 'An ignored error means the same while closed and while half-open',
  time: 'simulated',
  async run(library) {
    const closed = await afterIgnored(library, 'closed')
    const halfOpen = await afterIgnored(library, 'half-open')
    return { right: closed === halfOpen, saw: `${closed} while closed, ${halfOpen} while half-open` }
  },
}

/** Whether an ignored error does what a success would do. */
async function afterIgnored(library: Library, state: State): Promise<'a success' | 'nothing'> {
  const ignores = (error: unknown): boolean => error === NOT_FOUND
  const stack = library.build({ breaker: { opens: { inARow: 3 }, openMs: 1_000, ignores } })
  if (state === 'half-open') await openThenWait(stack, 1_000)
  else await callTimes(2, stack, failing)
  await callTimes(50, stack, () => Promise.reject(NOT_FOUND))
  if (state === 'closed') await callTimes(1, stack, failing)
  return stack.state() === 'closed' ? 'a success' : 'nothing'
}

const nothing: Scenario = {
  id: 'O8',
  says: 'A function that returns undefined at once has answered',
  time: 'simulated',
  async run(library) {
    const call = start(library.build({ breaker: { opens: { afterFailures: 1 } } }), () => undefined)
    await call.ended
    return { right: call.end === 'answer', saw: 'a TypeError, counted as a failure' }
  },
}

const ownRefusals: Scenario = {
  id: 'resilience4j#1657',
  says: 'Calls that a full bulkhead refuses are no failures of the dependency',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ breaker: { opens: { afterFailures: 3 } }, limit: 1 })
    start(stack, hanging)
    await callTimes(5, stack, answering)
    return { right: stack.state() === 'closed', saw: 'opened, though no call that reached it has failed' }
  },
  notes: {
    cockatiel: 'with `handleAll`; a filter can leave such errors out',
    opossum: '`errorFilter` can leave them out, and makes them successes',
  },
}

const wallClock: Scenario = {
  id: 'C11',
  says: 'A wall clock that is set back by an hour does not prolong the open time',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ breaker: { opens: { afterFailures: 1 }, openMs: 1_000 } })
    await callTimes(1, stack, failing)
    vi.setSystemTime(Date.now() - HOUR_MS)
    await pass(1_000)
    return { right: await reaches(stack), saw: 'still open after the open time' }
  },
}

const refusal: Scenario = {
  id: 'C11',
  says: 'A refusal has a code, and says in how many milliseconds to try again',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ breaker: { opens: { afterFailures: 1 }, openMs: 1_000 } })
    await callTimes(1, stack, failing)
    const call = start(stack, answering)
    await call.ended
    const error = call.result as Record<string, unknown>
    const coded = typeof error['code'] === 'string'
    const timed = Object.values(error).includes(1_000)
    return { right: coded && timed, saw: coded ? 'a code, no time' : 'neither' }
  },
}

export const opening: Theme = {
  title: 'When a breaker opens, and what it says then',
  scenarios: [
    inFlight,
    idle,
    blocked,
    closing,
    firstFailure,
    ignored,
    nothing,
    ownRefusals,
    wallClock,
    refusal,
  ],
}
