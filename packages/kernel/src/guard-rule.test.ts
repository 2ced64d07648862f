import { runInNewContext } from 'node:vm'
import { Fallback } from '@breakwater/fallback'
import { describe, expect, it } from 'vitest'
import { RateLimitedError } from './errors.js'
import { guard } from './guard.js'
import type { Guard } from './guard.js'
import type { InvalidOptionsError } from './invalid-options-error.js'
import { pipeline } from './pipeline/pipeline.js'

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
      found = (error as InvalidOptionsError).issues.map(({ path }) => path)
    }

    expect(found.sort()).toEqual(paths)
  })

  it('is refused in words that say of what, and what would do', () => {
    expect(() => guard({} as Guard)).toThrow('Invalid options for guard:\n  enter: expected a function')
  })

  it('refuses with an error of another context, too', async () => {
    const error = runInNewContext('new Error("closed")') as RateLimitedError
    const hours = guard({ enter: () => error, exit: () => undefined })

    expect(await hours.outcome(() => 'served')).toEqual({ kind: 'rejected', error })
  })

  it('is named as the one that refused, whatever those do who hear of it', async () => {
    const causes: unknown[] = []
    const fallback = new Fallback({ chain: [({ policy }) => causes.push(policy)] })
    const busy = new RateLimitedError('busy')
    let isNested = false
    const outer = guard({
      name: 'outer',
      enter: () => (isNested ? busy : undefined),
      exit: () => {
        isNested = true
        void policy.outcome(() => 1)
      },
    })
    const inner = guard({ name: 'inner', enter: () => busy, exit: () => undefined })
    const policy = pipeline(fallback, outer, inner)

    await policy.outcome(() => 1)

    expect(causes).toEqual(['outer', 'inner'])
  })

  it('appears in the description of a pipeline', () => {
    const hours = guard({ name: 'hours', enter: () => undefined, exit: () => undefined })

    expect(pipeline(hours).describe()).toMatchObject([{ kind: 'guard', name: 'hours' }])
  })
})
