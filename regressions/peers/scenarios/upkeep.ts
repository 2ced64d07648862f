import { getEventListeners, setMaxListeners } from 'node:events'
import { vi } from 'vitest'
import { answering, callTimes, failing, pass, start } from '../scenario.js'
import type { Scenario, Theme } from '../scenario.js'

const CALLS = 1_000

const options: Scenario = {
  id: 'O14',
  says: 'Options stay as they were given, and two breakers made from one object share nothing',
  time: 'simulated',
  async run(library) {
    const { stacks, changed } = library.twoFromOneObject()
    for (const stack of stacks) await callTimes(1, stack, failing)
    const shared = stacks.some((stack) => stack.state() === 'open')
    const saw = [
      ...(changed ? ['writes its own values into the object'] : []),
      ...(shared ? ['the trip strategy in it counts for both'] : []),
    ]
    return { right: saw.length === 0, saw: saw.join('; ') }
  },
  notes: { cockatiel: 'it is made to hold the counts: one is needed for each breaker' },
}

const timers: Scenario = {
  id: 'O13',
  says: 'Idle breakers have no timers',
  time: 'simulated',
  async run(library) {
    const before = vi.getTimerCount()
    for (let count = 0; count < 100; count++) {
      await callTimes(1, library.build({ breaker: { opens: { afterFailures: 9 } } }), answering)
    }
    const each = (vi.getTimerCount() - before) / 100
    return { right: each === 0, saw: `${String(each)} intervals each` }
  },
  notes: { opossum: 'none without snapshots and with a `rotateBucketController` of one’s own' },
}

const memory: Scenario = {
  id: 'O12',
  says: 'Statistics do not grow with the number of calls',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ breaker: { opens: { afterFailures: 9 } }, lean: true })
    await callTimes(CALLS, stack, answering)
    const before = valuesHeldBy(stack.breaker())
    await callTimes(CALLS, stack, answering)
    const grown = valuesHeldBy(stack.breaker()) - before
    return { right: grown < CALLS / 2, saw: 'each call leaves its latency behind, percentiles switched off' }
  },
}

/** How many values can be reached from an object: unlike bytes of the heap, that is the same each time. What closures hold is not seen. */
function valuesHeldBy(root: object): number {
  const seen = new Set<unknown>([root])
  let count = 0
  for (const holder of seen) {
    if (typeof holder !== 'object' || holder === null) continue
    const fields = Reflect.ownKeys(holder).map((key) => Reflect.getOwnPropertyDescriptor(holder, key)?.value)
    const entries = holder instanceof Map || holder instanceof Set ? [...holder.values()] : []
    const values: unknown[] = [...fields, ...entries]
    count += values.length
    for (const value of values) seen.add(value)
  }
  return count
}

const healthCheck: Scenario = {
  id: 'O11',
  says: 'A health check ends with its breaker',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ breaker: { opens: { afterFailures: 9 } } })
    let checks = 0
    stack.checkHealth(() => Promise.resolve(checks++), 1_000)
    await pass(0)
    stack.shutDown()
    const before = checks
    await pass(10_000)
    return { right: checks === before, saw: 'goes on after `shutdown()`' }
  },
}

const listeners: Scenario = {
  id: 'cockatiel#69',
  says: 'The signal of a caller who lives long keeps nothing of calls that are over',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ limit: 1, queue: 200, timeoutMs: 100, callersAbort: true })
    const { signal } = new AbortController()
    setMaxListeners(0, signal)
    for (let call = 0; call < 200; call++) start(stack, answering, signal)
    await pass(1_000)
    const left = getEventListeners(signal, 'abort').length
    return { right: left === 0, saw: `${String(left)} listeners of 200 calls are left` }
  },
}

const openProcess: Scenario = {
  id: 'mollitia',
  says: 'An open breaker does not keep the process alive',
  time: 'real',
  async run(library) {
    const timersNow = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timersNow()
    const stack = library.build({ breaker: { opens: { afterFailures: 1 }, openMs: 60_000 } })
    await callTimes(1, stack, failing)
    const right = timersNow() <= before
    stack.shutDown()
    return { right, saw: 'its timer does' }
  },
}

const healthAtOnce: Scenario = {
  id: 'O11',
  says: 'A health check may answer at once',
  time: 'simulated',
  run(library) {
    const stack = library.build({ breaker: { opens: { afterFailures: 9 } } })
    try {
      stack.checkHealth(() => 'well', 1_000)
      return Promise.resolve({ right: true, saw: '' })
    } catch (error) {
      if (error instanceof TypeError) return Promise.resolve({ right: false, saw: 'a TypeError' })
      throw error
    } finally {
      stack.shutDown()
    }
  },
}

export const upkeep: Theme = {
  title: 'Upkeep',
  scenarios: [options, timers, memory, listeners, openProcess, healthCheck, healthAtOnce],
}
