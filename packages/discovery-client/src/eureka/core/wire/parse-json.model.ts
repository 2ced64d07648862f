/** What the tests of parsing in slices share. */
import { expect } from 'vitest'
import { runSteps } from '../steps.js'
import { parseLargeJson } from './parse-json.js'

export const sliced = (text: string): unknown => runSteps(parseLargeJson(text, { slicedFromChars: 0 }))

/** The value, or that there is none. */
export function attempt(parse: (text: string) => unknown, text: string): unknown {
  try {
    return { value: parse(text) }
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError)
    return 'refused'
  }
}
