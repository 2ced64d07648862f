import { Bulkhead } from '@breakwater/breaker'
import { describe, expect, it } from 'vitest'
import { onInternalError } from '../internal-errors.js'
import { countingMeter } from './counting-meter.model.js'
import { buildRunner, pipeline } from './pipeline.js'

const fail = (): never => {
  throw new Error('boom')
}

describe('bad call options', () => {
  it.each<[string, unknown, string[]]>([
    ['null', null, ['']],
    ['a number', 5, ['']],
    ['an unknown key', { signl: undefined }, ['signl']],
    ['no signal', { signal: {} }, ['signal']],
    ['null as a signal', { signal: null }, ['signal']],
    ['a negative budget', { budgetMs: -1 }, ['budgetMs']],
    ['a budget that is no number', { budgetMs: NaN }, ['budgetMs']],
    ['a budget as text', { budgetMs: '5' }, ['budgetMs']],
    ['a budget that no timer can wait for', { budgetMs: 2 ** 31 }, ['budgetMs']],
    [
      'a signal that cannot be read',
      {
        get signal() {
          return fail()
        },
      },
      ['signal'],
    ],
    ['everything wrong', { signal: 1, budgetMs: -1, sginal: 2 }, ['sginal', 'signal', 'budgetMs']],
  ])('%s: one typed error, and nothing starts', async (_what, options, paths) => {
    const bulkhead = new Bulkhead({ limit: 1 })
    const meter = countingMeter()
    const runner = buildRunner([meter.stage], undefined)
    let ran = 0
    const call = (): Promise<unknown> => bulkhead.execute(() => ++ran, options as never)

    const settled = await Promise.allSettled([call(), runner.execute(() => ++ran, options as never)])

    for (const result of settled) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ERR_INVALID_OPTIONS' } })
      const { issues } = (result as { reason: { issues: { path: string }[] } }).reason
      expect(issues.map(({ path }) => path)).toEqual(paths)
    }
    expect(await bulkhead.outcome(() => ++ran, options as never)).toMatchObject({ kind: 'failure' })
    expect(ran).toBe(0)
    expect(bulkhead.snapshot().running).toBe(0)
    expect(meter.sums).toMatchObject({ started: 0, ended: 0 })
  })

  it('a signal that cannot be listened to: nothing starts', async () => {
    const bulkhead = new Bulkhead({ limit: 1 })
    const signal = { aborted: false, addEventListener: fail, removeEventListener: fail }

    const settled = await Promise.allSettled([bulkhead.execute(() => 1, { signal: signal as never })])

    expect(settled[0].status).toBe('rejected')
    expect(bulkhead.snapshot().running).toBe(0)
  })

  it('a signal that cannot be left: the call ends all the same, and it is reported', async () => {
    const reported: string[] = []
    const unsubscribe = onInternalError((_error, where) => reported.push(where))
    const signal = { aborted: false, addEventListener: () => undefined, removeEventListener: fail }

    expect(await pipeline().execute(() => 'ran', { signal: signal as never })).toBe('ran')
    unsubscribe()

    expect(reported).toEqual(['signal.removeEventListener'])
  })

  it('a signal of another library is as good as one of ours', async () => {
    const signal = {
      aborted: false,
      reason: 0,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    }

    expect(await pipeline().execute(() => 'ran', { signal: signal as never })).toBe('ran')
  })
})
