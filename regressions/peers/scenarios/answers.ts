import { answering, failing, messageOf, pass, start } from '../scenario.js'
import type { Scenario, Theme } from '../scenario.js'

const throwing: Scenario = {
  id: 'O9',
  says: 'A listener that throws does not turn an answer into an error',
  time: 'simulated',
  async run(library) {
    const onEnd = (kind: string): void => {
      if (kind === 'success') throw new Error('listener')
    }
    const call = start(library.build({ breaker: { opens: { afterFailures: 100 } }, onEnd }), answering)
    await pass(0)
    return { right: call.end === 'answer', saw: 'the caller gets the error of the listener' }
  },
}

const cause: Scenario = {
  id: 'cockatiel',
  says: 'A fallback learns why it is asked',
  time: 'simulated',
  async run(library) {
    const breaker = { opens: { afterFailures: 100 } }
    const call = start(library.build({ breaker, fallback: messageOf }), failing)
    await pass(0)
    return { right: call.result === 'down', saw: 'called without an argument' }
  },
}

const ignoredFallback: Scenario = {
  id: 'O16',
  says: 'A fallback can be asked about errors that the breaker ignores',
  time: 'simulated',
  async run(library) {
    const breaker = { opens: { afterFailures: 100 }, ignores: () => true }
    const stack = library.build({ breaker, fallback: () => 'instead', fallbackForIgnored: true })
    const call = start(stack, failing)
    await pass(0)
    return { right: call.result === 'instead', saw: 'skipped, and there is no way to ask for it' }
  },
}

const asyncCache: Scenario = {
  id: 'O14',
  says: 'A cache whose store answers with promises knows a miss from a hit',
  time: 'simulated',
  async run(library) {
    const cache = { get: () => Promise.resolve(undefined), set: () => undefined, flush: () => undefined }
    const call = start(library.build({ cache }), answering)
    await pass(0)
    return { right: call.result === 'up', saw: 'always a hit: answers undefined, the action is never called' }
  },
}

const coalescedFailure: Scenario = {
  id: 'O16',
  says: 'Coalescing shares calls in flight; a failure that is over is not kept',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ breaker: { opens: { afterFailures: 100 } }, coalesce: true })
    start(stack, failing)
    await pass(1_000)
    const next = start(stack, answering)
    await pass(0)
    return { right: next.result === 'up', saw: 'a second later callers still get the old error' }
  },
  notes: { opossum: 'unless `coalesceResetOn` names `error`' },
}

export const answers: Theme = {
  title: 'Answers, fallbacks, listeners',
  scenarios: [throwing, cause, ignoredFallback, asyncCache, coalescedFailure],
}
