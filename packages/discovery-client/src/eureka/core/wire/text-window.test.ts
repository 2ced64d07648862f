import { expect, it } from 'vitest'
import { TextWindow, wholeText } from './text-window.js'

/** A window on pieces of three characters, and how many of them it has taken. */
function windowOf(text: string): { window: TextWindow; taken: () => number } {
  let taken = 0
  const next = (): string | undefined => {
    const piece = text.slice(3 * taken, 3 * taken + 3)
    taken++
    return piece === '' ? undefined : piece
  }
  return { window: new TextWindow(next), taken: () => taken }
}

it('takes twice what is asked for, and no more before that is used up', () => {
  const { window, taken } = windowOf('abcdefghijkl')
  const seen = [3, 2, 6].map((chars) => {
    window.reach(chars)
    return [window.text, taken()]
  })
  window.at = 4
  window.reach(3)

  expect(seen).toEqual([
    ['abcdef', 2],
    ['abcdef', 2],
    ['abcdef', 2],
  ])
  expect([window.text, window.at, window.position, taken()]).toEqual(['efghijkl', 0, 4, 4])
})

it('knows when nothing is left', () => {
  const { window, taken } = windowOf('abc')
  const before = [window.reach(1), window.isLast]
  window.at = 3
  const after = [window.reach(1), window.isLast]
  const count = taken()

  expect([before, after]).toEqual([
    [true, false],
    [false, true],
  ])
  expect([window.reach(5), taken()]).toEqual([false, count])
})

it('takes a whole text for one piece', () => {
  const next = wholeText('abc')

  expect([next(), next()]).toEqual(['abc', undefined])
})
