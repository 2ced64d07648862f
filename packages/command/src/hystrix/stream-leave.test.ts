import { createRuntime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import type { HystrixPlugin } from './hooks.js'
import { createStreamCommand } from './stream-command.js'
import type { StreamCommand } from './stream-command.js'

const gone = new Error('gone')

interface Scene {
  readonly clock: SimClock
  readonly command: StreamCommand<[], unknown>
  readonly caller: AbortController
  /** Whether the values of the fallback were closed. */
  readonly isClosed: () => boolean
}

/** A stream whose fallback gives one value, and then waits for ever. */
function falling(): Scene {
  const clock = new SimClock()
  let isClosed = false
  const command = createStreamCommand<[], unknown, unknown>({
    ...{ name: 'S', clock, runtime: createRuntime(), fallbackLimit: 1 },
    run: () => {
      throw new Error('down')
    },
    fallback: async function* () {
      try {
        yield 'first'
        await new Promise((resolve) => clock.io(clock.now() + 1_000, () => resolve(undefined)))
        yield 'second'
      } finally {
        isClosed = true
      }
    },
  })
  return { clock, command, caller: new AbortController(), isClosed: () => isClosed }
}

it.each<[string, (leave: () => void) => HystrixPlugin]>([
  ['the hook onUnsubscribe', (leave) => ({ hooks: { onUnsubscribe: leave } })],
  [
    'the notifier',
    (leave) => ({ notifier: { markEvent: (event) => void (event === 'CANCELLED' && leave()) } }),
  ],
])('a caller who leaves the loop is counted once, though %s aborts his signal too', async (_name, plugin) => {
  const caller = new AbortController()
  const command = createStreamCommand({
    ...{ name: 'S', clock: new SimClock(), runtime: createRuntime() },
    ...plugin(() => caller.abort(gone)),
    run: () => ['first', 'second'],
  })
  const stream = command.with({ signal: caller.signal }).execute()
  await stream.next()

  await stream.return?.()

  expect(command.snapshot()).toMatchObject({ inFlight: 0, executions: { cancelled: 1 } })
  expect(command.isIdle).toBe(true)
})

describe('the caller of a stream that has come to its fallback', () => {
  it('may leave while he waits for a value of it, without waiting for its end', async () => {
    const { command, clock, caller, isClosed } = falling()
    const execution = command.with({ signal: caller.signal }).execute()
    await execution.next()
    const next = execution.next()
    await clock.advance(10)
    caller.abort(gone)

    await expect(next).rejects.toBe(gone)
    expect(isClosed()).toBe(false)
    await clock.advance(2_000)
    expect(isClosed()).toBe(true)
    expect(execution.events).toEqual(['FAILURE', 'FALLBACK_EMIT', 'CANCELLED'])
    expect(command.metrics()).toMatchObject({ concurrent: 0, pool: { active: 0 } })
  })

  it.each(['his signal', 'the end of his loop'])('closes it when he leaves by %s', async (way) => {
    const { command, clock, caller, isClosed } = falling()
    const execution = command.with({ signal: caller.signal }).execute()
    await execution.next()
    if (way === 'his signal') caller.abort(gone)
    else await execution.return?.()
    await clock.flush()

    expect(isClosed()).toBe(true)
    expect(await command.execute().next()).toEqual({ done: false, value: 'first' })
  })
})

it('work whose time is over is closed, though it never answered', async () => {
  const clock = new SimClock()
  let closed = 0
  const source: AsyncIterator<number> = {
    next: () => new Promise(() => undefined),
    return: () => {
      closed++
      return Promise.resolve({ done: true, value: undefined })
    },
  }
  const command = createStreamCommand<[], number, string>({
    ...{ name: 'S', clock, runtime: createRuntime(), timeoutMs: 100 },
    run: () => ({ [Symbol.asyncIterator]: () => source }),
    fallback: () => ['late'],
  })
  const first = command.execute().next()
  await clock.advance(100)

  expect(await first).toEqual({ done: false, value: 'late' })
  expect(closed).toBe(1)
})

it('a stream is closed when a promise that it gave as a value is rejected', async () => {
  let isClosed = false
  using command = createStreamCommand({
    ...{ name: 'S', clock: new SimClock(), runtime: createRuntime() },
    run: function* () {
      try {
        yield Promise.reject(gone)
      } finally {
        isClosed = true
      }
    },
  })

  await expect(command.execute().next()).rejects.toMatchObject({ cause: gone })

  expect(isClosed).toBe(true)
})

it.each(['work', 'fallback'] as const)(
  'the values of the %s are closed once by who leaves the loop',
  async (whose) => {
    let closed = 0
    const values: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: 1 }),
        return: () => {
          closed++
          return Promise.resolve({ done: true, value: undefined })
        },
      }),
    }
    using command = createStreamCommand({
      ...{ name: 'S', clock: new SimClock(), runtime: createRuntime() },
      run: (): AsyncIterable<number> => {
        if (whose === 'fallback') throw gone
        return values
      },
      fallback: () => values,
    })

    for await (const value of command.execute()) if (value === 1) break

    expect(closed).toBe(1)
  },
)
