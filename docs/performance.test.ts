import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { GROUPS } from '../bench/src/groups.ts'
import { keptResults } from '../bench/src/page/kept-results.ts'
import { REASONS, renderPage } from '../bench/src/page/render-page.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

test('the page about performance is what the kept results make of it; else run `npm run performance-page`', () => {
  const page = renderPage(keptResults())

  expect(read('performance.md')).toBe(page)
})

test('every reason belongs to a scenario that the bench runs', () => {
  const ids = GROUPS.map(({ id }) => id)

  expect(Object.keys(REASONS).filter((id) => !ids.includes(id))).toEqual([])
})
