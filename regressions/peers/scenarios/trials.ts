import {
  answering,
  beforeTrial,
  callTimes,
  failing,
  hanging,
  OPENS_AT_ONCE,
  pass,
  reaches,
  slow,
  start,
} from '../scenario.js'
import type { Scenario, Theme } from '../scenario.js'
import type { Parts, Work } from '../subject.js'

const NOT_FOUND = new Error('404')
const IGNORES_404: Parts = { breaker: { ...OPENS_AT_ONCE, ignores: (error) => error === NOT_FOUND } }
const notFound: Work = () => Promise.reject(NOT_FOUND)

const capped: Scenario = {
  id: 'safe-client-gateway#3442',
  says: 'Of a hundred calls at once, only the trial reaches the dependency',
  time: 'simulated',
  async run(library) {
    const stack = await beforeTrial(library)
    const calls = Array.from({ length: 100 }, () => start(stack, hanging))
    await pass(0)
    const ran = calls.filter((call) => call.ran).length
    return { right: ran === 1, saw: `${String(ran)} did` }
  },
}

const toldAtOnce: Scenario = {
  id: 'C3',
  says: 'Callers beside the trial are told at once',
  time: 'simulated',
  async run(library) {
    const stack = await beforeTrial(library)
    start(stack, hanging)
    const call = start(stack, answering)
    await pass(0)
    return { right: call.end !== 'none', saw: 'they wait for the trial, with no limit to their number' }
  },
}

const freeToGo: Scenario = {
  id: 'C3',
  says: 'A caller beside the trial who gives up is free at once',
  time: 'simulated',
  async run(library) {
    const stack = await beforeTrial(library, { callersAbort: true })
    start(stack, hanging)
    const caller = new AbortController()
    const call = start(stack, answering, caller.signal)
    caller.abort()
    await pass(0)
    return { right: call.end !== 'none', saw: 'waits on for the trial' }
  },
}

const herd: Scenario = {
  id: 'C3',
  says: 'Closing does not start all who came meanwhile at once',
  time: 'simulated',
  async run(library) {
    const stack = await beforeTrial(library)
    start(stack, slow(200, answering))
    const calls = Array.from({ length: 1_000 }, () => start(stack, hanging))
    await pass(200)
    const ran = calls.filter((call) => call.ran).length
    return { right: ran === 0, saw: `${String(ran)} started in one millisecond` }
  },
}

const ignoredTrial: Scenario = {
  id: 'O16',
  says: 'An ignored error does not close it: the dependency has not answered well',
  time: 'simulated',
  async run(library) {
    const stack = await beforeTrial(library, IGNORES_404)
    await callTimes(1, stack, notFound)
    return { right: stack.state() !== 'closed', saw: 'closed by an ignored error' }
  },
}

const latched: Scenario = {
  id: 'erpc#1118',
  says: 'A hundred ignored trials later, the next call still gets through',
  time: 'simulated',
  async run(library) {
    const stack = await beforeTrial(library, IGNORES_404)
    await callTimes(100, stack, notFound)
    return { right: await reaches(stack), saw: 'shut' }
  },
}

const refusedTrial: Scenario = {
  id: 'Sentinel#1638',
  says: 'A trial that a full bulkhead refuses is none: it does not open it again',
  time: 'simulated',
  async run(library) {
    const before = library.build({ breaker: OPENS_AT_ONCE })
    await callTimes(1, before, failing)
    const breaker = { ...OPENS_AT_ONCE, restore: before.save() }
    const stack = library.build({ breaker, limit: 1, full: true })
    await pass(1_000)
    await callTimes(1, stack, answering)
    return { right: stack.state() === 'half-open', saw: `${stack.state()}, though nothing was asked` }
  },
  notes: { cockatiel: 'with `handleAll`; errors that a filter leaves out close it' },
}

const givenUp: Scenario = {
  id: 'Polly',
  says: 'A trial whose caller gave up decides nothing; the next call is the trial',
  time: 'simulated',
  async run(library) {
    const stack = await beforeTrial(library, { callersAbort: true })
    const caller = new AbortController()
    const untilAborted: Work = () =>
      new Promise((_, reject) => caller.signal.addEventListener('abort', () => reject(new Error('aborted'))))
    start(stack, untilAborted, caller.signal)
    await pass(0)
    caller.abort()
    await pass(0)
    const state = stack.state()
    return { right: await reaches(stack), saw: `${state} because a caller went away` }
  },
  notes: { cockatiel: 'with `handleAll`; errors that a filter leaves out close it' },
}

export const trials: Theme = {
  title: 'The half-open state: trials, and who comes beside them',
  scenarios: [capped, toldAtOnce, freeToGo, herd, ignoredTrial, latched, refusedTrial, givenUp],
}
