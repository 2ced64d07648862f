/** The time of the request that is served, which is on the system's clock: it stands still here, below that of the commands. */
import { constant } from '@breakwater/breaker'
import { DeadlineExceededError, InvalidOptionsError, withRequestContext } from '@breakwater/kernel'
import type { Call, Outcome } from '@breakwater/kernel'
import { createScriptedDependency } from '@breakwater/testing'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createCommand } from './command.js'
import type { Command } from './command-shape.js'
import { errorIn, failing, never, watch, world } from './command.model.js'
import { createStreamCommand } from './hystrix/stream-command.js'

const PRESETS = ['standard', 'hedged', 'hystrix'] as const

type Left = (call: Call) => number
const left: Left = (call) => call.remainingMs()

function ofPreset(preset: (typeof PRESETS)[number], run: Left): Command<[], number> {
  const options = { name: preset, run, ...world() }
  return preset === 'hystrix' ? createCommand({ ...options, preset }) : createCommand({ ...options, preset })
}

function countsOf({ totals }: Command<[], unknown>): unknown {
  const { executions, fallbacks, exceptionsThrown } = totals
  return { executions, fallbacks, exceptionsThrown }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
})

describe.each(PRESETS)('the time of a request, for the preset %s,', (preset) => {
  it('limits `execute`, `outcome` and `with(…)`', async () => {
    const command = ofPreset(preset, left)
    const signal = new AbortController().signal

    const seen = await withRequestContext(
      () =>
        Promise.all([
          command.execute(),
          command.with({}).execute(),
          command.with({ signal }).execute(),
          command.outcome().then((outcome) => outcome.kind === 'success' && outcome.value),
          command
            .with({ budgetMs: Infinity })
            .outcome()
            .then((outcome) => outcome.kind === 'success' && outcome.value),
        ]),
      { budgetMs: 50 },
    )

    expect(seen).toEqual([50, 50, 50, 50, 50])
  })

  it('T8: counts where it is shorter than that of the call, and no more', async () => {
    const command = ofPreset(preset, left)

    const inRequest = (budgetMs: number, ownMs: number): Promise<number> =>
      withRequestContext(() => command.with({ budgetMs: ownMs }).execute(), { budgetMs })

    expect([await inRequest(50, 80), await inRequest(80, 50)]).toEqual([50, 50])
    expect(await withRequestContext(() => command.execute(), { budgetMs: 60_000 })).toBeLessThanOrEqual(2_000)
  })

  it('is what is left of it at the call', async () => {
    const command = ofPreset(preset, left)

    const seen = await withRequestContext(
      async () => {
        vi.advanceTimersByTime(30)
        await Promise.resolve()
        return command.execute()
      },
      { budgetMs: 50 },
    )

    expect(seen).toBe(20)
  })

  it('T6: lets nothing start once it is used up, and ends as a budget of 0 does', async () => {
    const run = vi.fn(left)
    const [command, other] = [ofPreset(preset, run), ofPreset(preset, run)]

    const inRequest = await withRequestContext(() => command.outcome(), { budgetMs: 0 })
    const byCaller = await other.with({ budgetMs: 0 }).outcome()

    expect(run).not.toHaveBeenCalled()
    expect(inRequest).toEqual(byCaller)
    expect(errorIn(inRequest)).toBeInstanceOf(DeadlineExceededError)
    expect(countsOf(command)).toEqual(countsOf(other))
    expect(countsOf(command)).toMatchObject({ executions: { timeout: 1 } })
    expect(command.breaker?.snapshot()).toMatchObject({ total: 0 })
  })

  it('leaves the signal of the caller in force', async () => {
    const command = ofPreset(preset, left)
    const gone = new Error('the caller has gone')

    const outcome = await withRequestContext(
      () => command.with({ signal: AbortSignal.abort(gone) }).outcome(),
      { budgetMs: 50 },
    )

    expect(outcome).toEqual({ kind: 'cancelled', error: gone })
  })

  it('does not hide options that cannot be meant', async () => {
    const command = ofPreset(preset, left)
    const wrong = [{ budgetMs: -1 }, { budgetMs: 1n }, { signal: 1 }, { budget: 5 }, null, 'soon'] as never[]

    const outcomes = await withRequestContext(
      () => Promise.all(wrong.map((options) => command.with(options).outcome())),
      { budgetMs: 50 },
    )

    for (const outcome of outcomes) expect(errorIn(outcome)).toBeInstanceOf(InvalidOptionsError)
  })
})

describe('in a request with a limit of time', () => {
  const inRequest = <T>(run: () => Promise<T>, budgetMs: number): Promise<T> =>
    withRequestContext(run, { budgetMs })

  it('work that runs when it is over ends, and its signal says so', async () => {
    const around = world()
    const dependency = createScriptedDependency({ clock: around.clock, script: [{ never: true }] })
    const command = createCommand({ name: 'slow', run: dependency.run, ...around })

    const seen = watch(inRequest(() => command.execute(), 50))
    await around.clock.advance(49)
    expect(seen.ended).toBe('not yet')
    await around.clock.advance(1)

    expect(seen.error).toBeInstanceOf(DeadlineExceededError)
    expect(dependency.calls).toMatchObject([{ aborted: true }])
    expect(command.totals.executions.timeout).toBe(1)
  })

  it('no attempt begins that cannot fit', async () => {
    const around = world()
    const run = vi.fn(failing)
    const retry = { backoff: constant({ ms: 60 }) }
    const command = createCommand({ name: 'failing', run, ...around, retry })

    const [short, enough] = [watch(inRequest(() => command.execute(), 50)), watch(command.execute())]
    await around.clock.flush()

    expect([short.ended, enough.ended]).toEqual(['rejected', 'not yet'])
    expect(run).toHaveBeenCalledTimes(2)
  })

  it('a fallback is heard if it answers at once, and has what is left otherwise', async () => {
    const around = world()
    const atOnce = createCommand({ name: 'at once', ...around, fallback: () => 'instead', run: never })
    const late = createCommand({ name: 'late', ...around, fallback: never, run: failing, retry: false })

    const ended = watch(inRequest(() => atOnce.execute(), 50))
    await around.clock.advance(50)
    expect(ended.value).toBe('instead')
    expect(await inRequest(() => atOnce.execute(), 0)).toBe('instead')

    const inVain = watch(inRequest(() => late.execute(), 50))
    await around.clock.advance(50)
    expect(inVain.error).toBeInstanceOf(DeadlineExceededError)
  })

  it('a command inside of another has what is left of both', async () => {
    const around = world()
    const inner = createCommand({ name: 'inner', run: left, ...around })
    const outer = createCommand({ name: 'outer', run: () => inner.execute(), ...around })

    expect(await inRequest(() => outer.execute(), 50)).toBe(50)
  })

  it('calls that share a run wait no longer than it lasts', async () => {
    const around = world()
    const run = vi.fn(never)
    const command = createCommand({ name: 'shared', run, ...around, cacheKey: () => 'all' })

    const seen = watch(
      inRequest<Outcome<never>[]>(() => Promise.all([command.outcome(), command.outcome()]), 50),
    )
    await around.clock.advance(50)

    expect(seen.value?.map(({ kind }) => kind)).toEqual(['timeout', 'timeout'])
    expect(run).toHaveBeenCalledTimes(1)
  })
})

describe('a stream in a request with a limit of time', () => {
  it('has what is left when its first value is asked for, whoever asks', async () => {
    const run = vi.fn((call: Call) => [call.remainingMs()])
    const stream = createStreamCommand({ name: 'stream', run, ...world() })

    const values = withRequestContext(() => stream.execute(), { budgetMs: 50 })
    vi.advanceTimersByTime(30)
    const tooLate = withRequestContext(() => stream.with({ budgetMs: 500 }).execute(), { budgetMs: 10 })
    expect(await values.next()).toMatchObject({ value: 20 })
    vi.advanceTimersByTime(10)

    await expect(tooLate.next()).rejects.toBeInstanceOf(DeadlineExceededError)
    expect(run).toHaveBeenCalledTimes(1)
    expect(stream.totals.executions.timeout).toBe(1)
  })
})
