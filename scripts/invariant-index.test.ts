import { describe, expect, it } from 'vitest'
import { indexOf, invariantsOf, titlesOf } from './invariant-index.ts'

const TABLE = `
| id  | holds always      |
| --- | ----------------- |
| H1  | never too many    |
| H2  | nobody is dropped |
`
const PROPERTY = 'queue.prop.test.ts'

const problemsOf = (...files: readonly (readonly [name: string, source: string])[]): readonly string[] =>
  indexOf(
    invariantsOf(TABLE),
    files.flatMap(([name, source]) => titlesOf(name, source)),
  ).problems

describe('the index of invariants', () => {
  it('knows the invariants from the table', () => {
    expect([...invariantsOf(TABLE)]).toEqual([
      ['H1', 'never too many'],
      ['H2', 'nobody is dropped'],
    ])
    expect(() => invariantsOf(TABLE + TABLE)).toThrow('the table has H1 twice')
    expect(indexOf(invariantsOf('no table'), []).problems).toEqual(['there is no table of invariants'])
  })

  it('is content when each has a property', () => {
    expect(problemsOf([PROPERTY, `it('H1 H2: holds', () => {})`])).toEqual([])
    expect(problemsOf([PROPERTY, `it('H1, H2: holds', () => {})`])).toEqual([])
  })

  it('finds the one that no title names', () => {
    expect(problemsOf([PROPERTY, `it('H1: holds', () => {})`])).toEqual(['H2 has no test'])
  })

  it('wants a property, which neither an example nor interleavings are', () => {
    const others = [
      ['queue.test.ts', `test('H2: in one case', () => {})`],
      ['queue-interleavings.test.ts', `it('H2: in each order', () => {})`],
    ] as const

    expect(problemsOf([PROPERTY, `it('H1: holds', () => {})`], ...others)).toEqual([
      'H2 has tests, but no property',
    ])
  })

  it('finds a title that names one that does not exist', () => {
    expect(problemsOf([PROPERTY, `\nit('H1 H2 H9: holds', () => {})`])).toEqual([
      'queue.prop.test.ts:2 names H9, which is no invariant',
    ])
  })

  it.each([
    ['part of a word', `it('holds for SHA-H22 and H2O', () => {})`],
    ['what is no title', `expect('H2: holds').toBe(1)`],
    ['a comment', `// it('H2: holds', () => {})`],
    ['a skipped test', `it.skip('H2: holds', () => {})`],
    ['data of a table', `it.each([['H2: data']])('holds for %s', () => {})`],
  ])('does not take %s for a test', (_what, source) => {
    expect(problemsOf([PROPERTY, `it('H1: holds', () => {})`], [PROPERTY, source])).toContain(
      'H2 has no test',
    )
  })

  it.each([
    ['a group', `describe('H2: all of these', () => { it('hold', () => {}) })`],
    ['a table that says the titles', `it.each<[string, number]>([['H2: holds', 1]])('%s', () => {})`],
    ['a template', 'it(`H2: holds for ${n}`, () => {})'],
    ['a nested test', `describe('x', () => { it.concurrent('H2: holds', () => {}) })`],
  ])('reads the title of %s', (_what, source) => {
    expect(problemsOf([PROPERTY, `it('H1: holds', () => {})`], [PROPERTY, source])).toEqual([])
  })
})
