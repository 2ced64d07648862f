import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runSteps } from '../steps.js'
import { parseLargeJson, SLICED_FROM_CHARS } from './parse-json.js'

const sliced = (text: string): unknown => runSteps(parseLargeJson(text, { slicedFromChars: 0 }))

/** The value, or that there is none. */
function attempt(parse: (text: string) => unknown, text: string): unknown {
  try {
    return { value: parse(text) }
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError)
    return 'refused'
  }
}

/** The text in pieces of these sizes, over and over. */
function piecesOf(text: string, sizes: readonly number[]): () => string | undefined {
  let at = 0
  let count = 0
  return () => {
    if (at >= text.length) return undefined
    const size = Math.max(sizes[count++ % sizes.length] ?? 3, count % 2)
    at += size
    return text.slice(at - size, at)
  }
}

describe('parsing in slices', () => {
  it.each([
    '',
    ' ',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a":1,}',
    '{,}',
    '{"a" 1}',
    '{a:1}',
    '{1:1}',
    '[',
    '[1',
    '[1,',
    '[1,]',
    '[,]',
    '[1 2]',
    '[1]]',
    '{"a":1}}',
    '{"a":1} x',
    '[[[[[[}]]]]]]',
    '[[[[[[1}]]]]]',
    '"a',
    '"\\"',
    '{"a\\":1}',
    'nul',
    '[01]',
    '["\u0001"]',
    '[\u00a01]',
    '\ufeff{}',
    '{"a":"b" "c":1}',
  ])('refuses %j as the engine does', (text) => {
    expect(attempt(sliced, text)).toBe('refused')
    expect(attempt(JSON.parse, text)).toBe('refused')
  })

  it.each([
    '{}',
    ' { } ',
    '[ ]',
    'null',
    ' "a" ',
    '-1.5e3',
    '{"a":{"b":[{"c":[{"d":{"e":[1,{"f":"}]"}]}}]}]}}',
    '{"a":1,"a":2}',
    '["\\\\","\\\\\\"",""]',
    '{"\\u0061\\"":[\t1 ,\r\n2 ]}',
  ])('reads %j as the engine does', (text) => {
    expect(sliced(text)).toEqual(JSON.parse(text))
  })

  it('agrees with the engine on every value, and on every text that one edit makes of it', () => {
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.nat(2),
      insert: fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '\\', ' ', '0', 'e'),
    })
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), edit, (text, { at, remove, insert }) => {
        const from = Math.floor(at * text.length)
        const edited = text.slice(0, from) + insert + text.slice(from + remove)

        expect(sliced(text)).toEqual(JSON.parse(text))
        expect(attempt(sliced, edited)).toEqual(attempt(JSON.parse, edited))
      }),
      { numRuns: 1_500 },
    )
  }, 60_000)

  it('reads a text that comes in pieces, of any size, as it reads it whole', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.array(fc.integer({ min: 0, max: 9 })), (text, cuts) => {
        const next = piecesOf(text, cuts)

        expect(runSteps(parseLargeJson(next, { slicedFromChars: 0, maxLeafChars: 1_000 }))).toEqual(
          JSON.parse(text),
        )
      }),
      { numRuns: 1_000 },
    )
  }, 60_000)

  it('S1: keeps `__proto__` as a member like any other', () => {
    const value = sliced('{"__proto__":{"polluted":1},"a":{"__proto__":2}}') as Record<string, object>

    expect(Object.keys(value)).toEqual(['__proto__', 'a'])
    expect(Object.getPrototypeOf(value)).toBeNull()
    expect('polluted' in {}).toBe(false)
  })

  it('parses short texts at once and long ones in steps of some 32 Ki characters', () => {
    const instance = { instanceId: 'x', metadata: { text: 'y'.repeat(1_000) } }
    const json = { applications: { application: [{ name: 'A', instance: Array(1_000).fill(instance) }] } }
    const text = JSON.stringify(json)
    let steps = 0

    const run = parseLargeJson(text)
    for (let step = run.next(); ; step = run.next(), steps++) {
      if (step.done !== true) continue
      expect(step.value).toEqual(json)
      break
    }

    expect(steps).toBeGreaterThan(text.length / 40_000)
    expect(parseLargeJson('[1]').next()).toEqual({ done: true, value: [1] })
    expect(text.length).toBeGreaterThan(SLICED_FROM_CHARS)
  })

  it.each<[string, string]>([
    ['an instance', `{"metadata":{"text":"${'x'.repeat(300_000)}"}}`],
    ['brackets in texts, escaped quotes', `["]}${'\\"]},'.repeat(60_000)}\\\\",{"a":[[]]}]`],
    ['a number', '1'.repeat(300_000)],
    ['blanks', `[${' '.repeat(300_000)}1]`],
  ])(
    'S2 S10: %s of more than 256 Ki characters is left out, and what stands beside it is kept',
    (_what, long) => {
      const text = `{"applications":{"application":[{"instance":[{"c":1},${long},{"c":2}],"d":3}]}}`

      expect(runSteps(parseLargeJson(text))).toEqual({
        applications: { application: [{ instance: [{ c: 1 }, undefined, { c: 2 }], d: 3 }] },
      })
    },
  )

  it.each<[string, string]>([
    ['a name', `{"${'x'.repeat(300_000)}":1}`],
    ['a gap between two values', `[1,${' '.repeat(300_000)}2]`],
    ['a text without an end', `{"a":"${'x'.repeat(300_000)}`],
    ['an instance without an end', `[[[[[{"a":"${'x'.repeat(300_000)}"]]]]]`],
  ])('S10: refuses %s of more than 256 Ki characters', (_what, text) => {
    expect(() => runSteps(parseLargeJson(text))).toThrow(SyntaxError)
  })

  it('S10: a text of brackets only is refused without using up the stack', () => {
    expect(() => runSteps(parseLargeJson('['.repeat(1_000_000)))).toThrow(SyntaxError)
  })
})
