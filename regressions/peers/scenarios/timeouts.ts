import { once } from 'node:events'
import { stat } from 'node:fs'
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { startServer } from '../../loop/answer-server.model.js'
import type { AnswerServer } from '../../loop/answer-server.model.js'
import { answering, block, hanging, messageOf, pass, slow, start } from '../scenario.js'
import type { Finding, Scenario, Theme } from '../scenario.js'
import type { Library, Work } from '../subject.js'

const ownSignal: Scenario = {
  id: 'O5',
  says: 'A timeout aborts its own call only',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ breaker: { opens: { afterFailures: 100 } }, timeoutMs: 100 })
    const signals: AbortSignal[] = []
    const noting =
      (work: Work): Work =>
      (call) => {
        signals.push(call.signal)
        return work(call)
      }
    start(stack, noting(hanging))
    await pass(50)
    start(stack, noting(slow(80, answering)))
    await pass(60)
    start(stack, noting(slow(10, answering)))
    const [, beside, later] = signals.map(({ aborted }) => aborted)
    const saw = [...(beside ? ['the call beside it'] : []), ...(later ? ['every later one'] : [])].join(
      ' and ',
    )
    return { right: saw === '', saw: `aborted ${saw}, too` }
  },
}

const callersAbort: Scenario = {
  id: 'C8',
  says: 'A caller who aborts gets his own reason, and no word of a timeout',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ timeoutMs: 1_000, callersAbort: true })
    const caller = new AbortController()
    const reason = new Error('the user closed the page')
    const call = start(stack, hanging, caller.signal)
    caller.abort(reason)
    await pass(0)
    return { right: call.result === reason, saw: `“${messageOf(call.result)}”` }
  },
}

const zombies: Scenario = {
  id: 'O6',
  says: 'A limit of one means one at once, work past its timeout included',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ limit: 1, timeoutMs: 10 })
    let running = 0
    for (let call = 0; call < 5; call++) {
      start(stack, (context) => {
        running++
        return hanging(context)
      })
      await pass(20)
    }
    return { right: running === 1, saw: `${String(running)} ran at once` }
  },
  notes: { cockatiel: 'with the bulkhead around the timeout; the other way round it holds' },
}

const wholeAnswer: Scenario = {
  id: 'failsafe-go#65',
  says: 'The signal of a call that answered stays whole, so that a body can be read to its end',
  time: 'simulated',
  async run(library) {
    const stack = library.build({ timeoutMs: 100 })
    let aborted: (() => boolean) | undefined
    start(stack, (call) => {
      aborted = () => call.signal.aborted
      return slow(10, answering)(call)
    })
    await pass(1_000)
    return { right: aborted?.() === false, saw: 'aborted as soon as it had answered' }
  },
  notes: { cockatiel: 'unless `abortOnReturn: false`' },
}

const STALL_MS = 1_500
const TIMEOUT_MS = 1_000

const stalledLoop: Scenario = {
  id: 'O15',
  says: 'Answers that came while the loop was blocked are answers, not timeouts',
  time: 'real',
  async run(library) {
    const server = await startServer(60, 'answer')
    try {
      // The first request pays for what is made only once.
      await fetchFrom(server.url)
      server.hold()
      return await blockedWhileAnswered(library, server)
    } finally {
      await server.stop()
    }
  },
}

async function blockedWhileAnswered(library: Library, server: AnswerServer): Promise<Finding> {
  const stack = library.build({ timeoutMs: TIMEOUT_MS })
  const calls = Array.from({ length: 10 }, () => start(stack, () => fetchFrom(server.url)))
  while (server.received() < 11) await sleep(1)
  stat('.', () => {
    server.release()
    block(STALL_MS)
  })
  await Promise.all(calls.map(({ ended }) => ended))
  const failed = calls.filter(({ end }) => end === 'error').length
  stack.shutDown()
  return { right: failed === 0, saw: 'timed out, with the answers in the sockets' }
}

async function fetchFrom(url: string): Promise<string> {
  const [response] = (await once(get(url), 'response')) as [IncomingMessage]
  let text = ''
  for await (const part of response.setEncoding('utf8')) text += String(part)
  return text
}

export const timeouts: Theme = {
  title: 'Timeouts and aborts',
  scenarios: [ownSignal, callersAbort, zombies, wholeAnswer, stalledLoop],
}
