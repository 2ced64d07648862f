/**
 * The same scripts against us and against peers. Each must end as `docs/peers.md` says, so that the page stays true;
 * `npm run peers` writes it anew.
 */
import { describe, expect, test } from 'vitest'
import { judge, LIBRARIES, THEMES } from './judge.js'
import { page } from './table.js'

const LIMIT_MS = 2_000
/** Real time is as long as the machine is busy. */
const REAL_LIMIT_MS = 15_000

describe.each(LIBRARIES)('$name', (library) => {
  for (const scenario of THEMES.flatMap(({ scenarios }) => scenarios)) {
    const timeout = scenario.time === 'real' ? REAL_LIMIT_MS : LIMIT_MS

    test(`${scenario.id}: ${scenario.says}`, { timeout }, async () => {
      const verdict = await judge(scenario, library)

      if (library.name === 'Breakwater' && verdict !== 'absent') {
        expect(verdict.right ? 'right' : verdict.saw).toBe('right')
      }
    })
  }
})

test('each does what the page says of it', { timeout: 30_000 }, async () => {
  await expect(await page()).toMatchFileSnapshot('../../docs/peers.md')
})
