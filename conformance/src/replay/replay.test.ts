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
