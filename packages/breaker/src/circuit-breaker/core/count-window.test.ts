import { describe, expect, it } from 'vitest'
import { CountWindow } from './count-window.js'
import { isSavedCountWindow } from './saved-window.js'

const totals = ({ total, failures }: CountWindow): number[] => [total, failures]

describe('CountWindow', () => {
  it('counts nothing at first', () => {
    expect(totals(new CountWindow(3))).toEqual([0, 0])
  })

  it('counts failures, slow or not', () => {
    const window = new CountWindow(10)

    window.push(false, false)
    window.push(true, false)
    window.push(false, true)
    window.push(true, true)

    expect(totals(window)).toEqual([4, 2])
  })

  it('pushes out the oldest call when it is full', () => {
    const window = new CountWindow(2)
    window.push(true, true)
    window.push(false, false)
    expect(totals(window)).toEqual([2, 1])

    window.push(false, false)

    expect(totals(window)).toEqual([2, 0])
  })

  it('starts again after a reset', () => {
    const window = new CountWindow(3)
    for (let call = 0; call < 4; call++) window.push(true, true)

    window.reset()
    expect(totals(window)).toEqual([0, 0])

    window.push(true, false)
    expect(totals(window)).toEqual([1, 1])
  })

  it('saves one letter a call, oldest first', () => {
    const window = new CountWindow(4)
    expect(window.save()).toEqual({ outcomes: '' })

    for (const [failed, slow] of [
      [true, true],
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      window.push(failed, slow)
    }

    expect(window.save()).toEqual({ outcomes: 'sfSF' })
  })

  it('keeps the newest calls when it is smaller than the window that saved', () => {
    const window = new CountWindow(2)
    window.push(true, true)

    window.restore({ outcomes: 'FFFsf' })

    expect(window.save()).toEqual({ outcomes: 'sf' })
    expect(totals(window)).toEqual([2, 1])
  })

  it.each([
    [{ outcomes: '' }, true],
    [{ outcomes: 'sfSF' }, true],
    [{ outcomes: 'sx' }, false],
    [{ outcomes: 's\n' }, false],
    [{ outcomes: ['s'] }, false],
    [{}, false],
    [null, false],
    ['s', false],
  ])('tells saved calls from other data: %j', (value, expected) => {
    expect(isSavedCountWindow(value)).toBe(expected)
  })
})
