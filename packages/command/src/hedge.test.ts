import { CircuitBreaker, consecutiveFailures, Hedge } from '@breakwater/breaker'
import { createRuntime, InvalidOptionsError } from '@breakwater/kernel'
import type { Call } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, it } from 'vitest'
import { createCommand } from './command.js'

const base = (
  clock: SimClock,
): { name: string; clock: SimClock; runtime: ReturnType<typeof createRuntime> } => ({
  name: 'GetUser',
  clock,
  runtime: createRuntime(),
})
// The first attempt hangs, the second answers.
const slowAtFirst = ({ attempt }: Call): Promise<number> | number =>
  attempt === 1 ? new Promise(() => undefined) : attempt

it('a command with a hedge is counted as one call, and tells of the second attempt', async () => {
  const clock = new SimClock()
  const command = createCommand({ ...base(clock), hedge: { delayMs: 10 }, run: slowAtFirst })
  const told: unknown[] = []
  command.on('hedge', (event) => told.push(event))

  const answer = command.execute()
  await clock.advance(100)

  expect(await answer).toBe(2)
  expect(command.snapshot()).toMatchObject({
    executions: { success: 1, failure: 0, cancelled: 0 },
    inFlight: 0,
    latency: { count: 1, max: 10 },
  })
  expect(command.breaker?.snapshot()).toMatchObject({ successes: 1, failures: 0 })
  expect(told).toEqual([{ attempt: 2, reason: 'slow', at: 10 }])
})

it('the preset `hedged` hedges out of the budget of the retries, the preset `standard` does not hedge', () => {
  const clock = new SimClock()
  const run = (): number => 1

  const kinds = (['hedged', 'standard'] as const).map((preset) =>
    createCommand({ ...base(clock), preset, run })
      .describe()
      .map(({ kind }) => kind),
  )

  expect(kinds).toEqual([
    ['meter', 'total-time', 'retry', 'hedge', 'judge', 'circuit-breaker', 'bulkhead', 'timeout'],
    ['meter', 'total-time', 'retry', 'circuit-breaker', 'bulkhead', 'timeout'],
  ])
})

it('an ignored error ends a hedged call, and is no failure to its breaker', async () => {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({ clock, trip: consecutiveFailures(1) })
  let made = 0
  const command = createCommand({
    ...base(clock),
    breaker,
    hedge: { delayMs: 10 },
    retry: false,
    ignore: () => true,
    run: () => {
      made++
      throw new Error('not found')
    },
  })

  expect((await command.outcome()).kind).toBe('ignored')
  expect([made, breaker.state]).toEqual([1, 'closed'])
  expect(command.snapshot().executions.bad_request).toBe(1)
})

it.each([
  ['false switches the hedge of the preset off', { hedge: false }],
  ['work that must not run twice is not hedged', { idempotent: false }],
] as const)('%s', (_title, options) => {
  const command = createCommand({ ...base(new SimClock()), preset: 'hedged', ...options, run: () => 1 })

  expect(command.describe().map(({ kind }) => kind)).not.toContain('hedge')
})

it('an update changes the hedge, and its listeners stay', async () => {
  const clock = new SimClock()
  const command = createCommand({ ...base(clock), run: slowAtFirst })
  const told: unknown[] = []
  command.on('hedge', ({ at }) => told.push(at))

  command.update({ hedge: { delayMs: 5 } })
  const answer = command.execute()
  await clock.advance(100)

  expect(await answer).toBe(2)
  expect(told).toEqual([5])
})

it('a hedge may be shared, on the clock of the command', () => {
  const clock = new SimClock()
  const shared = new Hedge({ clock, delayMs: 10 })

  expect(createCommand({ ...base(clock), hedge: shared, run: () => 1 }).describe()).toContainEqual(
    expect.objectContaining({ kind: 'hedge' }),
  )
  expect(() => createCommand({ ...base(clock), hedge: { delayMs: -1 }, run: () => 1 })).toThrow(
    InvalidOptionsError,
  )
  expect(() =>
    createCommand({ ...base(clock), hedge: new Hedge({ clock: new SimClock() }), run: () => 1 }),
  ).toThrow(InvalidOptionsError)
})

it('a hedged call that is refused has no latency, because nothing ran for it', async () => {
  const clock = new SimClock()
  const command = createCommand({
    ...base(clock),
    preset: 'hedged',
    bulkhead: { limit: 1 },
    run: () => new Promise(() => undefined),
  })
  const told: unknown[] = []
  command.on('execution', ({ outcome, durationMs }) => told.push([outcome, durationMs]))

  void command.outcome()
  await command.outcome()
  command.breaker?.forceOpen('maintenance')
  await command.outcome()

  expect(told).toEqual([
    ['semaphore_rejected', undefined],
    ['short_circuited', undefined],
  ])
  expect(command.snapshot().latency.count).toBe(0)
})
