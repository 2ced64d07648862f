import { InvalidOptionsError } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { fleet, lab, thrownBy } from './balancing.model.js'
import type { PickOptions } from './pick-options.js'

const BAD: readonly (readonly [unknown, readonly string[]])[] = [
  [null, ['']],
  [5, ['']],
  ['i0', ['']],
  [['i0'], ['']],
  [new Map(), ['']],
  [{ exclud: [] }, ['exclud: did you mean exclude?']],
  [{ key: 5 }, ['key']],
  [{ exclude: 'i0' }, ['exclude']],
  [{ exclude: { 0: 'i0' } }, ['exclude']],
  [{ exclude: ['i0', 5] }, ['exclude[1]']],
  [{ exclude: new Set(['i0', null]) }, ['exclude[1]']],
  [{ call: 5 }, ['call']],
  [{ call: null, exclude: [5], key: 1, Key: 'a' }, ['Key: did you mean key?', 'call', 'exclude[0]', 'key']],
]

function faultsOf(error: unknown): string[] {
  expect(error).toBeInstanceOf(InvalidOptionsError)
  return (error as InvalidOptionsError).issues
    .map(({ path, hint }) => (hint === undefined ? path : `${path}: ${hint}`))
    .sort()
}

describe('options of a pick', () => {
  test.each(BAD)('%o: every fault in one error, and nobody is picked', (options, faults) => {
    const { balancer } = lab(fleet(2))

    expect(faultsOf(thrownBy(() => balancer.pick(options as PickOptions)))).toEqual(faults)
    expect(balancer.snapshot().inFlight).toBe(0)
  })

  test.each([
    undefined,
    {},
    { key: undefined, exclude: undefined, call: undefined },
    { key: '' },
    { exclude: new Set<string>() },
    { exclude: Object.freeze(['i0', 'unknown']) },
    Object.assign(Object.create(null) as object, { key: 'a' }),
  ])('%o is taken', (options) => {
    const { balancer } = lab(fleet(2))

    expect(balancer.pick(options).instance.id).toMatch(/^i[01]$/)
  })

  test('refuses one that cannot be read', () => {
    const { balancer } = lab(fleet(1))
    const options = {
      get key(): string {
        throw new Error('unreadable')
      },
    }

    expect(faultsOf(thrownBy(() => balancer.pick(options)))).toEqual(['key'])
  })

  test('says what would have been accepted', () => {
    const { balancer } = lab(fleet(1))
    const error = thrownBy(() => balancer.pick({ exclude: [5], kye: 'a' } as unknown as PickOptions))

    expect((error as Error).message).toBe(
      [
        'Invalid options for pick:',
        '  kye: expected a known option, received "a" (did you mean key?)',
        '  exclude[0]: expected the id of an instance, received 5',
      ].join('\n'),
    )
  })
})

describe('options of execute', () => {
  test.each([
    ...BAD,
    [{ signal: 5, budgetMs: NaN, exclude: [5] }, ['budgetMs', 'exclude[0]', 'signal']],
    [{ budgetMs: -1 }, ['budgetMs']],
    [{ budgetMS: 1 }, ['budgetMS: did you mean budgetMs?']],
  ] as const)('%o: every fault in one error, and nobody is picked', async (options, faults) => {
    const { balancer } = lab(fleet(2))
    const running = balancer.execute(() => 1, options as PickOptions)

    expect(faultsOf(await running.catch((error: unknown) => error))).toEqual(faults)
    expect(balancer.snapshot().calls).toMatchObject({ success: 0, failure: 0 })
  })

  test.each([
    { signal: new AbortController().signal, budgetMs: Infinity, key: 'a' },
    { exclude: ['i0'], budgetMs: 0.5 },
  ])('%o is taken', async (options) => {
    const { balancer } = lab(fleet(2))

    expect(await balancer.execute(() => 1, options)).toBe(1)
  })

  test('refuses work that cannot be called, which counts against nobody', async () => {
    const { balancer } = lab(fleet(1))
    const running = balancer.execute(5 as unknown as () => number)

    expect(faultsOf(await running.catch((error: unknown) => error))).toEqual(['work'])
    expect(balancer.snapshot().instances[0]).toMatchObject({ picks: 0, failures: 0 })
  })
})
