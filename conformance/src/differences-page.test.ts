import { readFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { expect, it } from 'vitest'
import { renderDifferencesPage } from './differences-page.ts'
import { allowedDifferences, DIFFERENCES_PAGE } from './files.ts'

it('docs/differences-from-hystrix.md is what the list says (npm run conformance -- write-differences)', () => {
  expect(readFileSync(DIFFERENCES_PAGE, 'utf8')).toBe(renderDifferencesPage(allowedDifferences()))
})

it('the page is written as prettier would write it', async () => {
  const page = renderDifferencesPage(allowedDifferences())
  const style = await resolveConfig(DIFFERENCES_PAGE)

  expect(await format(page, { ...style, parser: 'markdown' })).toBe(page)
})
