import { describe, expect, it } from 'vitest'
import { runSome, runSteps } from './steps.js'
import type { Steps } from './steps.js'

function* count(to: number): Steps<number> {
  let counted = 0
  while (counted < to) {
    yield
    counted++
  }
  return counted
}

describe('work in steps', () => {
  it('can be done at once', () => {
    expect(runSteps(count(3))).toBe(3)
  })

  it('pauses when its time is up, after one step at least, and goes on where it stood', () => {
    const steps = count(3)

    const progress = [1, 2, 3, 4].map(() => runSome(steps, () => true))

    expect(progress).toEqual([{ done: false }, { done: false }, { done: false }, { done: true, value: 3 }])
  })

  it('does not pause while there is time', () => {
    expect(runSome(count(3), () => false)).toEqual({ done: true, value: 3 })
  })

  it('ends with what the work throws', () => {
    const broken = (function* (): Steps<number> {
      yield
      throw new RangeError('broken')
    })()

    expect(() => runSome(broken, () => false)).toThrow(RangeError)
  })
})
