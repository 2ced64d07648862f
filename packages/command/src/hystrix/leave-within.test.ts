import { describe, expect, it } from 'vitest'
import { createCommand } from '../command.js'
import { EVENTS } from './core/events.js'
import { HOOK_NAMES } from './hooks.js'
import { watched } from './hystrix.model.js'
import type { Step, Watched } from './hystrix.model.js'
import { createStreamCommand } from './stream-command.js'
import type { StreamCommandOptions } from './stream-command.js'

const boom = new Error('boom')
const gone = new Error('gone')
const LINES = [undefined, 'hystrix-1.5.18', 'hystrix-1.5.13'] as const
const STRATEGIES = ['THREAD', 'SEMAPHORE'] as const

type Options = NonNullable<Parameters<Watched['command']>[0]>
/** Foreign code of a command in which the caller leaves. */
const PLACES: Readonly<Record<string, (leave: () => void) => Options>> = {
  ...Object.fromEntries(
    HOOK_NAMES.map((name) => [
      name,
      (leave: () => void): Options => ({
        hooks: { [name]: (_it: unknown, given: unknown) => (leave(), given) },
      }),
    ]),
  ),
  'the notifier': (leave) => ({ notifier: { markEvent: leave } }),
  'the notifier of successes': (leave) => ({ notifier: { markCommandExecution: leave } }),
  ignore: (leave) => ({ ignore: () => (leave(), false) }),
  unrecoverable: (leave) => ({ unrecoverable: () => (leave(), false) }),
  notWrapped: (leave) => ({ notWrapped: () => (leave(), false) }),
  'the fallback': (leave) => ({ fallback: () => (leave(), 'fb') }),
  'the fallback that fails': (leave) => ({
    fallback: () => {
      leave()
      throw new Error('worse')
    },
  }),
}
/** What the work does, and how long it is watched. */
const STEPS: Readonly<Record<string, Step>> = {
  succeeds: {},
  'succeeds later': { afterMs: 20 },
  fails: { throws: boom },
  'fails later': { afterMs: 20, throws: boom },
  'times out': { afterMs: 400 },
}
const limits = (strategy: (typeof STRATEGIES)[number]): Options => ({
  timeoutMs: 100,
  properties: {
    'execution.isolation.strategy': strategy,
    'execution.isolation.semaphore.maxConcurrentRequests': 1,
  },
  threadPool: { coreSize: 1 },
})
const CASES = Object.keys(PLACES).flatMap((place) =>
  Object.keys(STEPS).flatMap((what) => STRATEGIES.map((strategy) => ({ place, what, strategy }))),
)

/** A command with work of its own. */
function own(world: Watched, options: Options, run: () => unknown): ReturnType<Watched['command']> {
  const { clock, runtime } = world
  return createCommand<[Step, Step?], unknown, unknown>({
    ...{ name: 'A', clock, runtime },
    ...options,
    preset: 'hystrix',
    run,
  })
}

async function expectWhole(world: Watched, command: ReturnType<Watched['command']>): Promise<void> {
  await world.clock.advance(20_000)
  const { executions, inFlight } = command.snapshot()
  expect(inFlight).toBe(0)
  expect(Object.values(executions).reduce((sum, count) => sum + count, 0)).toBe(1)
  expect(command.metrics()).toMatchObject({ concurrent: 0, pool: { active: 0, queue: 0 } })
  expect(command.bulkhead.snapshot().running).toBe(0)
  expect(world.clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
}

describe.each(LINES)(
  'H1 X2: a caller who leaves in the middle of a step takes nothing along (%s)',
  (compat) => {
    it.each(CASES)('in $place, of work that $what ($strategy)', async ({ place, what, strategy }) => {
      const world = watched()
      const caller = new AbortController()
      const options = PLACES[place]?.(() => caller.abort(gone)) ?? {}
      const command = world.command({ hooks: {}, notifier: {}, ...limits(strategy), compat, ...options })
      const execution = command.with({ signal: caller.signal }).start(STEPS[what] ?? {})
      const ended = execution.result.then(
        () => 'answered',
        (error: unknown) => error,
      )

      await expectWhole(world, command)
      expect(['answered', gone]).toContain(await ended)
      const terminal = execution.events.filter((event) => EVENTS[event].isTerminal === true)
      expect(terminal).toHaveLength(1)
    })

    it.each(STRATEGIES)('in the work itself, which then answers or fails (%s)', async (strategy) => {
      for (const step of [{}, { throws: boom }]) {
        const world = watched()
        const caller = new AbortController()
        const command = own(world, { ...limits(strategy), compat }, () => {
          caller.abort(gone)
          return world.behave(step)
        })
        const execution = command.with({ signal: caller.signal }).start({})

        await expect(execution.result).rejects.toBe(gone)
        await expectWhole(world, command)
        expect(execution.events).toEqual(['CANCELLED'])
      }
    })
  },
)

it.each(['onStart', 'onThreadStart', 'onExecutionStart'] as const)(
  'work whose caller has left in %s is not begun',
  async (hook) => {
    const world = watched()
    const caller = new AbortController()
    let runs = 0
    const command = own(world, { hooks: { [hook]: () => caller.abort(gone) } }, () => ++runs)

    await expect(command.with({ signal: caller.signal }).execute({})).rejects.toBe(gone)
    expect(runs).toBe(0)
  },
)

it('a fallback whose caller has left in onFallbackStart is not asked', async () => {
  const world = watched()
  const caller = new AbortController()
  let asked = 0
  const fallback = (): number => ++asked
  const command = world.command({ fallback, hooks: { onFallbackStart: () => caller.abort(gone) } }, false)

  await expect(command.with({ signal: caller.signal }).execute({ throws: boom })).rejects.toBe(gone)
  expect(asked).toBe(0)
  for (let call = 0; call < 11; call++) await command.execute({ throws: boom })
  expect(asked).toBe(11)
})

it('an error that cannot be looked at is one of the work, and frees its slot', async () => {
  const world = watched()
  const trap = (): never => {
    throw new Error('do not look')
  }
  const odd = new Proxy({}, { get: trap, getPrototypeOf: trap })
  for (const compat of LINES) {
    const name = compat ?? 'own'
    const command = world.command({ name, pool: name, compat, ...limits('THREAD') }, false)
    const execution = command.start({ throws: odd })
    await expect(execution.result).rejects.toMatchObject({ failureType: 'COMMAND_EXCEPTION' })
    expect(execution.events).toEqual(['FAILURE', 'FALLBACK_MISSING'])
    expect(command.metrics().pool.active).toBe(0)
  }
})

describe('H1 X2: who leaves a stream in the middle of a step', () => {
  type Streamed = StreamCommandOptions<[], unknown, unknown>
  const failing = { run: (): never => { throw boom } } // prettier-ignore
  const places: Readonly<Record<string, (leave: () => void) => Partial<Streamed>>> = {
    ...Object.fromEntries(
      HOOK_NAMES.flatMap((name) => {
        const hooks = (leave: () => void): object => ({ hooks: { [name]: leave } })
        return [
          [name, hooks],
          [`${name} of a failure`, (leave: () => void) => ({ ...hooks(leave), ...failing })],
        ]
      }),
    ),
    'the work': (leave) => ({ run: () => (leave(), [1, 2]) }),
    'the work that fails': (leave) => ({
      run: () => {
        leave()
        throw boom
      },
    }),
    'the next value': (leave) => ({ run: () => stepping(leave) }),
    'the fallback': (leave) => ({ ...failing, fallback: () => (leave(), ['fb']) }),
    'the next value of the fallback': (leave) => ({ ...failing, fallback: () => stepping(leave) }),
  }
  it.each(Object.keys(places))('in %s leaves nothing behind', async (place) => {
    const { clock, runtime } = watched()
    const caller = new AbortController()
    const command = createStreamCommand<[], unknown, unknown>({
      ...{ name: 'S', clock, runtime, run: () => [1, 2], fallback: () => ['fb'], fallbackLimit: 1 },
      ...places[place]?.(() => caller.abort(gone)),
    })
    const execution = command.with({ signal: caller.signal }).execute()
    const read = async (): Promise<unknown> => {
      for await (const value of execution) expect([1, 2, 'fb']).toContain(value)
      return 'read'
    }
    expect(['read', gone]).toContain(await read().catch((error: unknown) => error))

    await clock.advance(20_000)
    const { executions, inFlight } = command.snapshot()
    expect([inFlight, command.bulkhead.snapshot().running, command.metrics().concurrent]).toEqual([0, 0, 0])
    expect(Object.values(executions).reduce((sum, count) => sum + count, 0)).toBe(1)
    const terminal = execution.events.filter((event) => EVENTS[event].isTerminal === true)
    expect(terminal).toHaveLength(1)
  })
})

function* stepping(leave: () => void): Generator<number> {
  leave()
  yield 1
  yield 2
}
