import { AsyncLocalStorage } from 'node:async_hooks'
import { answering, callTimes, failing, hanging, pass, slow, start } from '../scenario.js'
import type { Scenario, Theme } from '../scenario.js'
import type { Library } from '../subject.js'

const accepted: Scenario = {
  id: 'C6',
  says: 'A call that was accepted into the queue runs, whoever comes when a slot gets free',
  time: 'simulated',
  async run(library) {
    const ends = []
    for (const microtasks of [0, 1, 2, 3, 4, 5, 6])
      ends.push(await queuedBesideNewcomers(library, microtasks))
    return { right: ends.every((end) => end === 'answer'), saw: 'rejected as one too many after all' }
  },
}

async function queuedBesideNewcomers(library: Library, microtasks: number): Promise<string> {
  const stack = library.build({ limit: 1, queue: 1 })
  let free: (() => void) | undefined
  start(
    stack,
    () =>
      new Promise<void>((resolve) => {
        free = resolve
      }),
  )
  const queued = start(stack, answering)
  free?.()
  for (let step = 0; step < microtasks; step++) await Promise.resolve()
  start(stack, hanging)
  start(stack, hanging)
  await pass(0)
  return queued.end
}

const leaves: Scenario = {
  id: 'C6',
  says: 'Who gives up while queued is free at once, and so is the place',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ limit: 1, queue: 1, callersAbort: true })
    const caller = new AbortController()
    start(stack, hanging)
    const queued = start(stack, answering, caller.signal)
    caller.abort()
    await pass(0)
    const next = start(stack, answering)
    await pass(0)
    const right = queued.end === 'error' && next.end === 'none'
    return { right, saw: 'waits on, and the next one is refused' }
  },
}

const kept: Scenario = {
  id: 'failsafe#393',
  says: 'Waiters who give up take no slot with them, and leave none too many',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ limit: 3, queue: 50, callersAbort: true })
    for (let round = 0; round < 50; round++) {
      const caller = new AbortController()
      for (let call = 0; call < 10; call++) start(stack, slow(10, answering), caller.signal)
      await pass(5)
      caller.abort()
      await pass(50)
    }
    const calls = Array.from({ length: 5 }, () => start(stack, hanging))
    await pass(0)
    const ran = calls.filter((call) => call.ran).length
    return { right: ran === 3, saw: `${String(ran)} of 3 slots are left` }
  },
}

const tells: Scenario = {
  id: 'C7',
  says: 'How calls under a bulkhead end can be listened to',
  time: 'simulated',
  async run(library) {
    const heard: string[] = []
    const stack = library.build({ limit: 1, onEnd: (kind) => heard.push(kind) })
    await callTimes(1, stack, answering)
    await callTimes(1, stack, failing)
    return { right: heard.join() === 'success,failure', saw: 'its events never fire' }
  },
}

const context: Scenario = {
  id: 'failsafe-go#136',
  says: 'Work that was queued runs in the async context of its own caller',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ limit: 1, queue: 1 })
    const request = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    request.run('ann', () => start(stack, slow(10, answering)))
    request.run('bob', () => start(stack, () => seen.push(request.getStore())))
    await pass(10)
    return { right: seen[0] === 'bob', saw: 'ran in the context of who was before it' }
  },
}

export const bulkheads: Theme = {
  title: 'Bulkheads',
  scenarios: [accepted, leaves, kept, tells, context],
}
