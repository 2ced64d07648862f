import { describe, expect, it } from 'vitest'
import { runSteps } from '../steps.js'
import { parseLargeJson, SLICED_FROM_CHARS } from './parse-json.js'
import { attempt, sliced } from './parse-json.model.js'

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
    '["a" 12]',
    '{"a" 12}',
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
    '{"a" \n: 1 }',
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
    expect(steps).toBeLessThanOrEqual(text.length / 32_768)
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

  it.each([
    ['{"a"', 'Unexpected end of JSON input'],
    ['{"a" x}', 'Unexpected token in JSON at position 5'],
    ['"a', 'Unterminated string in JSON'],
    [`{"${'x'.repeat(99)}":1}`, 'JSON name or gap of more than 10 characters'],
    [`[1,${' '.repeat(99)}2]`, 'JSON name or gap of more than 10 characters'],
  ])('says of %j what is wrong: %s', (text, message) => {
    expect(() => runSteps(parseLargeJson(text, { slicedFromChars: 0, maxLeafChars: 10 }))).toThrow(message)
  })

  it('takes a list for one whatever stands before it', () => {
    expect(runSteps(parseLargeJson(' [1,2,3]', { slicedFromChars: 0, maxLeafChars: 4 }))).toEqual([1, 2, 3])
  })

  it('passes a value that is too long in steps, also where its end is not at hand', () => {
    const text = `["${'x'.repeat(100_000)}",1]`
    let at = 0
    const next = (): string | undefined => (at < text.length ? text.slice(at, (at += 5)) : undefined)
    const steps = parseLargeJson(next, { slicedFromChars: 0, maxLeafChars: 10 })
    let count = 0
    let step = steps.next()
    for (; step.done !== true; step = steps.next()) count++

    // Every 32 Ki characters, and before what follows.
    expect([count, step.value]).toEqual([3 + 1, [undefined, 1]])
  })
})
