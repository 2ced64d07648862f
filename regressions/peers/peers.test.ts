/**
 * The same scripts against us and against peers. Each must end as `docs/peers.md` says, so that the page stays true;
 * `npm run peers` writes it anew.
 */
import { describe, expect, test } from 'vitest'
import { judge, LIBRARIES, THEMES } from './judge.js'
import { page } from './table.js'

describe.each(LIBRARIES)('$name', (library) => {
  for (const scenario of THEMES.flatMap(({ scenarios }) => scenarios)) {
    test(`${scenario.id}: ${scenario.says}`, async () => {
      const verdict = await judge(scenario, library)

      if (library.name === 'Breakwater' && verdict !== 'absent') {
        expect(verdict.right ? 'right' : verdict.saw).toBe('right')
      }
    })
  }
})

test('each does what the page says of it', async () => {
  await expect(await page()).toMatchFileSnapshot('../../docs/peers.md')
})
