/**
 * A loop that was blocked reads as a timeout in opossum 10 and cockatiel 4: the answers lie in the sockets, the timer fires
 * first, 20 of 20 calls fail, and a healthy dependency is shut off (reproduced; americanexpress/one-app#111 and
 * sindresorhus/got#2297 are about the same).
 */
import { stat } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { fileURLToPath } from 'node:url'
import { CircuitBreaker, errorRate, slowCalls, Timeout } from '@breakwater/breaker'
import { pipeline } from '@breakwater/kernel'
import type { Call, Outcome } from '@breakwater/kernel'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { times } from '../calls.model.js'
import { startServer } from './answer-server.model.js'
import type { AnswerServer } from './answer-server.model.js'

const CALLS = 50
const STALL_MS = 3_000
const TIMEOUT_MS = 2_000
const SLOWER_THAN_MS = 1_000
const BODY = 'answer '.repeat(100)

let server: AnswerServer
const agent = new Agent({ keepAlive: true })
beforeAll(async () => {
  server = await startServer(50, BODY)
})
afterAll(async () => {
  agent.destroy()
  await server.stop()
})

function ask(through: Agent, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    get(server.url, { agent: through, signal }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (text += part))
      response.on('end', () => resolve(text))
      response.on('error', reject)
    }).on('error', reject)
  })
}

const clients = {
  'node:http': ({ signal }: Call): Promise<string> => ask(agent, signal),
  fetch: async ({ signal }: Call): Promise<string> => {
    const response = await fetch(server.url, { signal })
    return response.text()
  },
}

/** Runs something in a phase of the loop. */
const phases: Record<string, (run: () => void) => void> = {
  timer: (run) => void setTimeout(run, 1),
  check: (run) => void setImmediate(run),
  'I/O': (run) => stat('.', run),
}

function block(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS)
}

function untilReceived(count: number): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (server.received() < count) setTimeout(look, 1)
      else resolve()
    }
    look()
  })
}

function callsThrough(client: (call: Call) => Promise<string>): {
  readonly timeout: Timeout
  readonly breaker: CircuitBreaker
  readonly outcomes: readonly Promise<Outcome<string>>[]
} {
  const timeout = new Timeout({ timeoutMs: TIMEOUT_MS })
  const breaker = new CircuitBreaker({
    trip: [errorRate({ volume: 5 }), slowCalls({ slowerThanMs: SLOWER_THAN_MS, volume: 5 })],
  })
  const guarded = pipeline(breaker, timeout)
  return { timeout, breaker, outcomes: times(CALLS, client).map((call) => guarded.outcome(call)) }
}

describe.each(Object.entries(clients))('answers that %s has in its sockets', (_, client) => {
  /** Calls whose requests have come, begun anew where a busy machine took too much of their time for that. */
  async function callsThatWait(): Promise<ReturnType<typeof callsThrough>> {
    for (;;) {
      const [before, began] = [server.received(), performance.now()]
      const calls = callsThrough(client)
      await untilReceived(before + CALLS)
      if (performance.now() - began < SLOWER_THAN_MS / 4) return calls
      await Promise.all(calls.outcomes)
    }
  }

  test.each(Object.entries(phases))(
    'survive a loop that is blocked in its %s phase',
    async (_phase, inPhase) => {
      const { timeout, breaker, outcomes } = await callsThatWait()

      inPhase(block)
      const ended = await Promise.all(outcomes)

      expect(ended).toEqual(times(CALLS, { kind: 'success', value: BODY }))
      expect(timeout.expirations).toBe(0)
      expect(breaker.snapshot()).toMatchObject({ state: 'closed', successes: CALLS, failures: 0, slow: 0 })
    },
  )
})

describe('work that had yet to send something', () => {
  const works: Record<string, (call: Call) => Promise<unknown>> = {
    'a first request on a cold connection': async ({ signal }) => {
      const cold = new Agent()
      try {
        return await ask(cold, signal)
      } finally {
        cold.destroy()
      }
    },
    'two requests in a row': async ({ signal }) => [await ask(agent, signal), await ask(agent, signal)],
    'a file': ({ signal }) => readFile(fileURLToPath(import.meta.url), { signal }),
  }

  test.each(Object.entries(works))('survives a loop that is blocked: %s', async (_name, work) => {
    const timeout = new Timeout({ timeoutMs: TIMEOUT_MS })
    const breaker = new CircuitBreaker({ trip: errorRate({ volume: 5 }) })
    const guarded = pipeline(breaker, timeout)

    const outcomes = times(10, work).map((call) => guarded.outcome(call))
    block()
    const ended = await Promise.all(outcomes)

    expect(ended.map(({ kind }) => kind)).toEqual(times(10, 'success'))
    expect(timeout.expirations).toBe(0)
    expect(breaker.state).toBe('closed')
  })

  test('does not wait for ever: who gives no answer ends when his time and the stall are over', async () => {
    const began = performance.now()
    const outcome = new Timeout({ timeoutMs: 300 }).outcome(() => new Promise(() => undefined))

    block()
    const { kind } = await outcome

    expect(kind).toBe('timeout')
    expect(performance.now() - began).toBeLessThan(300 + STALL_MS + 3_000)
  })
})
