import { describe, expect, it } from 'vitest'
import { guard } from './guard.js'
import type { Guard } from './guard.js'

describe('the rule of a guard', () => {
  it('keeps its this', async () => {
    class Hours implements Guard {
      private asked = 0
      enter(): undefined {
        this.asked++
        return undefined
      }
      exit(): void {
        this.asked += 10
      }
      get count(): number {
        return this.asked
      }
    }
    const hours = new Hours()

    await guard(hours).execute(() => 1)

    expect(hours.count).toBe(11)
  })

  it.each<[object, string[]]>([
    [{}, ['enter', 'exit']],
    [{ enter: () => undefined }, ['exit']],
    [{ enter: 1, exit: null }, ['enter', 'exit']],
    [{ enter: () => undefined, exit: () => undefined, name: 5 }, ['name']],
  ])('%o is refused with every fault', (rule, paths) => {
    let found: string[] = []
    try {
      guard(rule as Guard)
    } catch (error) {
      found = (error as { issues: { path: string }[] }).issues.map(({ path }) => path)
    }

    expect(found.sort()).toEqual(paths)
  })
})
