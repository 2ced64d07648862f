import { AdaptiveLimiter, RateLimiter } from '@breakwater/breaker'
import { createRuntime } from '@breakwater/kernel'
import type { Runtime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { createCommand } from './command.js'
import type { Command } from './command-shape.js'
import type { CommandTuning } from './command-options.js'

interface Scene {
  readonly clock: SimClock
  readonly runtime: Runtime
  readonly attempts: number[]
  readonly command: Command<[fails?: boolean], string>
}

function scene(options: CommandTuning): Scene {
  const clock = new SimClock()
  const runtime = createRuntime()
  const attempts: number[] = []
  const command = createCommand({
    name: 'Send',
    run: (_call, fails?: boolean) => {
      attempts.push(clock.now())
      if (fails === true) throw new Error('down')
      return 'sent'
    },
    clock,
    runtime,
    ...options,
  })
  return { clock, runtime, attempts, command }
}

describe('the rate of a command', () => {
  it('limits its calls, not their attempts', async () => {
    const { clock, command, attempts } = scene({ rate: { rate: 2 } })
    const [first, second, third] = [command.outcome(true), command.outcome(true), command.outcome(true)]

    await clock.advance(20_000)

    expect([await first, await second, await third]).toMatchObject([
      { kind: 'failure' },
      { kind: 'failure' },
      {
        kind: 'rejected',
        error: { code: 'ERR_RATE_LIMITED', message: expect.stringContaining('"Send"') as string },
      },
    ])
    expect(attempts.length).toBeGreaterThan(2)
    expect(command.snapshot()).toMatchObject({
      executions: { failure: 2, semaphore_rejected: 1, short_circuited: 0 },
      rate: { rate: 2, taken: 2, rejections: { rate: 1 } },
    })
  })

  it('is absent where nobody speaks of it', () => {
    const { command } = scene({})

    expect(command.snapshot()).not.toHaveProperty('rate')
    expect(command.describe().map(({ kind }) => kind)).not.toContain('rate-limiter')
  })

  it('stands around the retry', () => {
    const { command } = scene({ rate: { rate: 2 } })

    expect(command.describe().map(({ kind }) => kind)).toEqual([
      'meter',
      'total-time',
      'rate-limiter',
      'retry',
      'circuit-breaker',
      'bulkhead',
      'timeout',
    ])
  })

  it('lets calls wait for their turn within the time of the call', async () => {
    const { clock, command, attempts } = scene({
      rate: { rate: 10, burst: 1, queue: { limit: 10 } },
      timeoutMs: 250,
      retry: false,
    })
    const outcomes = [1, 2, 3, 4].map(() => command.outcome())

    await clock.advance(1_000)

    expect(attempts).toEqual([0, 100, 200])
    expect((await Promise.all(outcomes)).map(({ kind }) => kind)).toEqual([
      'success',
      'success',
      'success',
      'rejected',
    ])
  })

  it('may be shared', async () => {
    const clock = new SimClock()
    const runtime = createRuntime()
    const rate = new RateLimiter({ rate: 1, clock })
    const [one, other] = ['One', 'Other'].map((name) =>
      createCommand({ name, run: () => name, rate, clock, runtime }),
    )

    expect(await one?.execute()).toBe('One')
    expect((await other?.outcome())?.kind).toBe('rejected')
  })

  it('changes while the command works, and keeps what was taken', async () => {
    const { command } = scene({ rate: { rate: 2, queue: { limit: 3 } } })
    await command.execute()

    command.update({ rate: { rate: 2, burst: 4 } })

    expect(command.snapshot().rate).toMatchObject({ rate: 2, burst: 4, available: 1, queueLimit: 3 })
    command.update({ rate: false })
    expect(command.snapshot()).not.toHaveProperty('rate')
    expect(() => command.update({ rate: { rate: 0 } })).toThrow(/rate\.rate/)
  })

  it('is checked with all other options, also when the command is made', () => {
    expect(() => scene({ rate: { rate: 1, brust: 5 } as never, timeoutMs: -1 })).toThrow(
      /rate\.brust[^]*|timeoutMs/,
    )
    expect(() => scene({ rate: new RateLimiter({ rate: 1 }) })).toThrow(/clock of the command/)
    expect(() => scene({ rate: 5 as never })).toThrow(/options, a RateLimiter, or false/)
  })

  it('keeps the command from being idle until all of the burst is there again', async () => {
    const { clock, command } = scene({ rate: { rate: 2 } })
    expect(command.isIdle).toBe(true)

    await command.execute()

    expect(command.isIdle).toBe(false)
    await clock.advance(500)
    expect(command.isIdle).toBe(true)
  })
})

describe('an adaptive limiter as the bulkhead of a command', () => {
  it('takes its place, and stays when the command is disposed of', async () => {
    const clock = new SimClock()
    const limiter = new AdaptiveLimiter({ algorithm: 'aimd', initial: 10, clock })
    const runtime = createRuntime()
    const command = createCommand({
      name: 'Get',
      run: () => Promise.reject(Object.assign(new Error('busy'), { status: 503 })),
      retry: false,
      bulkhead: limiter,
      clock,
      runtime,
    })
    const heard: unknown[] = []
    limiter.on('limit', ({ to }) => heard.push(to))

    await command.outcome()
    command.dispose()
    await clock.advance(1)
    await limiter.outcome(() => ({ status: 503 }))

    expect(command.bulkhead).toBe(limiter)
    expect(command.snapshot().bulkhead).toMatchObject({ limit: 8, algorithm: 'aimd' })
    expect(heard).toEqual([9, 8])
  })

  it('may come and go by an update', async () => {
    const { clock, command } = scene({})
    const limiter = new AdaptiveLimiter({ initial: 1, clock })

    command.update({ bulkhead: limiter })
    expect(command.bulkhead).toBe(limiter)
    command.update({ bulkhead: { limit: 3 } })
    expect(command.bulkhead?.snapshot()).toMatchObject({ limit: 3 })
    expect(limiter.limit).toBe(1)
  })
})
