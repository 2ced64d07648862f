import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readScenario } from '../scenario/read-scenario.ts'
import { LINES } from '../scenario/scenario.ts'
import { anyScenario } from './any-scenario.model.ts'
import { replay } from './replay.ts'

describe.each(LINES)('a scenario of any mix of words, in the line %s', (line) => {
  it('is played to its end, and the same way every time', async () => {
    await fc.assert(
      fc.asyncProperty(anyScenario, async (text) => {
        const scenario = readScenario(text, 'X.json')

        const first = await replay(scenario, line)

        const execs = scenario.steps.flatMap((step) => (step.do === 'exec' ? [step.id] : []))
        expect(Object.keys(first.trace.execs).toSorted()).toEqual(execs.toSorted())
        expect(await replay(scenario, line)).toEqual(first)
      }),
      { numRuns: 30 },
    )
  })
})

it('leaves a dynamic property unseen that its key had no value of, as Hystrix does without Archaius', async () => {
  const set = { at: 50, do: 'set', key: 'hystrix.command.A.circuitBreaker.forceOpen', value: 'true' }
  const calls = [0, 100].map((at) => ({ at, cmd: 'A', id: `at${at}` }))
  const eventsWith = async (props: object): Promise<unknown> => {
    const text = JSON.stringify({ id: 'X', defs: { A: { props } }, steps: [...calls, set] })
    return (await replay(readScenario(text, 'X.json'), 'classic')).trace.execs['at100']?.events
  }

  expect(await eventsWith({})).toEqual(['SUCCESS'])
  expect(await eventsWith({ 'circuitBreaker.forceOpen': false })).toEqual([
    'SHORT_CIRCUITED',
    'FALLBACK_MISSING',
  ])
})

describe('a call of Hystrix', () => {
  const execOf = async (call: object, props: object = {}): Promise<unknown> => {
    const steps = [
      { at: 0, cmd: 'A', id: 'a', ...call },
      { at: 50, do: 'cancel', id: 'a' },
    ]
    const text = JSON.stringify({ id: 'X', defs: { A: { props } }, steps })
    return (await replay(readScenario(text, 'X.json'), 'classic')).trace.execs['a']
  }

  it.each([
    ['execute', { type: 'NW', message: 'nw' }],
    ['queue', { type: 'HystrixBadRequestException', message: 'bad' }],
    ['observe', { type: 'HystrixBadRequestException', message: 'bad' }],
  ])('by %s() has this error, when a bad request holds one that is not wrapped', async (mode, error) => {
    const run = { throw: 'badRequestNotWrapped' }

    expect(await execOf({ mode, run })).toMatchObject({ error, events: ['BAD_REQUEST'] })
  })

  it('by queue() in its caller is thrown, and there is no future, when its error is not wrapped', async () => {
    const call = { mode: 'queue', run: { throw: 'badRequestNotWrapped' } }

    const thrown = await execOf(call, { 'execution.isolation.strategy': 'SEMAPHORE' })

    expect(thrown).toMatchObject({ error: { type: 'NW', message: 'nw' } })
    expect(thrown).not.toHaveProperty('queued')
  })

  describe.each(['queue', 'observe'])('by %s() is cancelled during its fallback', (mode) => {
    const fallback = { afterMs: 100 }

    it('when that runs in a thread, also of a run that threw a refusal', async () => {
      const run = { throw: 'rejected' }

      expect(await execOf({ mode, run, fallback })).toMatchObject({
        events: ['THREAD_POOL_REJECTED', 'CANCELLED'],
      })
    })

    it('but not when that keeps its caller busy', async () => {
      expect(await execOf({ mode, fallback }, { 'circuitBreaker.forceOpen': true })).toMatchObject({
        value: 'fb',
        events: ['SHORT_CIRCUITED', 'FALLBACK_SUCCESS'],
      })
    })
  })
})

it.each([
  ['skipLast', 'IllegalStateException', "No response set by C 'mapResponseToRequests' implementation."],
  ['closed', 'IllegalStateException', 'Requests not executed before shutdown.'],
  [
    'twice',
    'IllegalArgumentException',
    'Duplicate argument in collapser batch : [b]  This is not supported.  Please turn request-caching on for ' +
      'HystrixCollapser:C or prevent duplicates from making it into the batch!',
  ],
  ['badRequest', 'HystrixBadRequestException', 'bad'],
])('what queue() of a collapser says in Hystrix: %s', async (how, type, message) => {
  const ctx = 'r'
  const collapser = {
    kind: 'collapser',
    props: { timerDelayInMilliseconds: 100, 'requestCache.enabled': false },
    batch: { run: how === 'badRequest' ? { throw: 'badRequestNotWrapped' } : {} },
    ...(how === 'skipLast' ? { map: how } : {}),
  }
  const text = JSON.stringify({
    id: 'X',
    defs: { C: collapser },
    steps: [
      { at: 0, do: 'ctxOpen', ctx },
      ...(how === 'twice' ? [{ at: 10, cmd: 'C', id: 'first', ctx, arg: 'b' }] : []),
      { at: 20, cmd: 'C', id: 'q', mode: 'queue', ctx, arg: 'b' },
      ...(how === 'closed' ? [{ at: 30, do: 'ctxClose', ctx }] : []),
    ],
  })

  const { trace } = await replay(readScenario(text, 'X.json'), 'classic')

  expect(trace.execs['q']).toMatchObject({ error: { type, message } })
})
