import { answering, failing, pass, start } from '../scenario.js'
import type { Scenario, Theme } from '../scenario.js'
import type { Work } from '../subject.js'

/** Where an endless retry is stopped. */
const MANY = 50

const abortedWait: Scenario = {
  id: 'C4',
  says: 'An abort ends the wait between attempts, and nothing is called any more',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ retry: { maxRetries: 3, delayMs: 200 }, callersAbort: true })
    const caller = new AbortController()
    let calls = 0
    const counted: Work = (call) => {
      calls++
      return failing(call)
    }
    const call = start(stack, counted, caller.signal)
    await pass(20)
    caller.abort()
    await pass(0)
    const over = call.end !== 'none'
    await pass(1_000)
    return { right: over && calls === 1, saw: `waited to the end and made ${String(calls)} calls` }
  },
}

const defaults: Scenario = {
  id: 'C5',
  says: 'Without options, retries are few and wait in between',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ retry: 'by default' })
    const begins: number[] = []
    start(stack, (call) => {
      begins.push(Date.now())
      return begins.length < MANY ? failing(call) : answering(call)
    })
    await pass(60_000)
    const few = begins.length <= 10
    const waits = (begins.at(-1) ?? 0) - (begins[0] ?? 0) >= 10 * begins.length
    return {
      right: few && waits,
      saw: `${String(begins.length)} calls without a wait, the last of which answered`,
    }
  },
}

const repeated: Scenario = {
  id: 'C9',
  says: 'A listener that throws does not make a successful call run again',
  time: 'simulated',
  async run(library) {
    const onEnd = (): never => {
      throw new Error('listener')
    }
    const breaker = { opens: { afterFailures: 100 } }
    const stack = library.build({ retry: { maxRetries: 2, delayMs: 1 }, breaker, onEnd })
    let calls = 0
    start(stack, () => ++calls)
    await pass(1_000)
    return { right: calls === 1, saw: `called ${String(calls)} times` }
  },
}

const ownRefusals: Scenario = {
  id: 'resilience4j#920',
  says: 'A call that an open breaker refuses is not tried again and again',
  time: 'simulated',
  async run(library) {
    const breaker = { opens: { afterFailures: 1 }, openMs: 60_000 }
    const stack = library.build({ retry: { maxRetries: 3, delayMs: 1_000 }, breaker })
    start(stack, failing)
    await pass(10_000)
    const call = start(stack, failing)
    await pass(0)
    return { right: call.end === 'error', saw: 'its caller waits through all retries for nothing' }
  },
  notes: { cockatiel: 'with `handleAll`; a filter can leave such errors out' },
}

export const retries: Theme = { title: 'Retries', scenarios: [abortedWait, defaults, repeated, ownRefusals] }
