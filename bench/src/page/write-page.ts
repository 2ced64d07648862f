// `npm run performance-page`: makes `docs/performance.md` anew.

import { writeFileSync } from 'node:fs'
import { keptResults } from './kept-results.ts'
import { renderPage } from './render-page.ts'

writeFileSync(new URL('../../../docs/performance.md', import.meta.url), renderPage(keptResults()))
