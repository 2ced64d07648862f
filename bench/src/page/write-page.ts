// `npm run performance-page`: makes `docs/performance.md` anew.

import { readFileSync, writeFileSync } from 'node:fs'
import type { RunResult } from '../results.ts'
import { renderPage } from './render-page.ts'

const KEPT = new URL('../../results/latest.json', import.meta.url)
const PAGE = new URL('../../../docs/performance.md', import.meta.url)

writeFileSync(PAGE, renderPage(JSON.parse(readFileSync(KEPT, 'utf8')) as RunResult))
