import { describe, expect, it } from 'vitest'
import { runSome, runSteps } from './steps.js'
import type { Steps } from './steps.js'

function* counting(steps: number): Steps<string> {
  for (let step = 0; step < steps; step++) yield
  return 'done'
}

describe('steps', () => {
  it('run to their result at once', () => {
    expect(runSteps(counting(3))).toBe('done')
    expect(runSteps(counting(0))).toBe('done')
  })

  it('run until the time is up, one at least, and go on where they were left', () => {
    const steps = counting(3)
    const isTimeUp = (): boolean => true

    expect([1, 2, 3].map(() => runSome(steps, isTimeUp))).toEqual([
      { done: false },
      { done: false },
      { done: false },
    ])
    expect(runSome(steps, isTimeUp)).toEqual({ done: true, value: 'done' })
  })

  it('run to their result while there is time, which is asked for after each', () => {
    let asked = 0
    const isTimeUp = (): boolean => ++asked > 5

    expect(runSome(counting(5), isTimeUp)).toEqual({ done: true, value: 'done' })
    expect(asked).toBe(5)
  })

  it('pass on what is thrown', () => {
    function* broken(): Steps<never> {
      yield
      throw new RangeError('broken')
    }

    expect(() => runSteps(broken())).toThrow(RangeError)
    expect(() => runSome(broken(), () => false)).toThrow(RangeError)
  })
})
