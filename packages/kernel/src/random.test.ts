import { describe, expect, it, vi } from 'vitest'
import { onInternalError } from './internal-errors.js'
import { InvalidOptionsError } from './invalid-options-error.js'
import { guardedRandom, seededRandom, systemRandom } from './random.js'

const take = (seed: number | string, count: number): number[] => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => random.next())
}

describe('seededRandom', () => {
  it('gives the same sequence in every release', () => {
    const first = take(42, 5).map((value) => value * 2 ** 32)

    expect(first).toEqual([3_177_766_828, 473_303_225, 407_553_446, 3_396_521_685, 2_189_293_425])
  })

  it('gives equal sequences for equal seeds and different ones for different seeds', () => {
    expect(take('a', 20)).toEqual(take('a', 20))
    expect(take(7, 20)).toEqual(take('7', 20))
    const firsts = Array.from({ length: 1_000 }, (_, seed) => take(seed, 1)[0])
    expect(new Set(firsts).size).toBe(1_000)
  })

  it('keeps generators apart', () => {
    const one = seededRandom(1)
    const other = seededRandom(1)
    one.next()
    one.next()

    expect(other.next()).toBe(take(1, 1)[0])
  })

  it.each([undefined, null, {}, Object.create(null), [1], 1n, Symbol('s')])(
    'refuses what is neither a number nor a text: %o',
    (seed: unknown) => {
      expect(() => seededRandom(seed as string)).toThrow(InvalidOptionsError)
      expect(() => seededRandom(seed as string)).toThrow(
        'Invalid arguments for seededRandom:\n  seed: expected a number or a text',
      )
    },
  )

  it('is uniform: mean, spread over 64 cells and neighbours look like chance', () => {
    const values = take('uniform', 64_000)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const cells = Array.from(
      { length: 64 },
      (_, cell) => values.filter((value) => Math.floor(value * 64) === cell).length,
    )
    const chiSquare = cells.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0)
    const rises = values.filter((value, index) => value > (values[index - 1] ?? 1)).length

    expect(Math.abs(mean - 0.5)).toBeLessThan(0.005)
    // 63 degrees of freedom: 103.4 is exceeded once in a thousand seeds.
    expect(chiSquare).toBeLessThan(103.4)
    expect(Math.abs(rises / values.length - 0.5)).toBeLessThan(0.01)
  })

  it('stays within [0, 1)', () => {
    const values = take('range', 10_000)

    expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values)).toBeLessThan(1)
  })
})

describe('systemRandom', () => {
  it('is the random number of the engine', () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.25)

    expect(systemRandom.next()).toBe(0.25)
  })
})

describe('guardedRandom', () => {
  const reported = (random: () => unknown): { errors: unknown[]; numbers: number[] } => {
    const errors: unknown[] = []
    const unsubscribe = onInternalError((error, where) => errors.push([where, String(error)]))
    const guarded = guardedRandom({ next: random as () => number })
    const numbers = Array.from({ length: 20 }, () => guarded.next())
    unsubscribe()
    return { errors, numbers }
  }

  it.each([1, -1e-9, NaN, Infinity, '0.5', undefined, null, 1n])(
    'reports %o, and the engine draws',
    (answer) => {
      const { errors, numbers } = reported(() => answer)

      expect(errors).toHaveLength(20)
      expect(errors[0]).toEqual([
        'random',
        expect.stringMatching(/^RangeError: random must answer a number from 0 to below 1, not /),
      ])
      expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
      expect(new Set(numbers).size).toBe(20)
    },
  )

  it('reports what is thrown, and the engine draws', () => {
    const { errors, numbers } = reported(() => {
      throw new Error('no entropy')
    })

    expect(errors[0]).toEqual(['random', 'Error: no entropy'])
    expect(new Set(numbers).size).toBe(20)
  })

  it.each([0, 0.5, 1 - 2 ** -53])('passes %o on', (answer) => {
    const { errors, numbers } = reported(() => answer)

    expect(errors).toEqual([])
    expect(new Set(numbers)).toEqual(new Set([answer]))
  })

  it('asks a source with a state of its own', () => {
    class Counting {
      private drawn = 0
      next(): number {
        return this.drawn++ / 4
      }
    }
    const random = guardedRandom(new Counting())

    expect([random.next(), random.next(), random.next()]).toEqual([0, 0.25, 0.5])
  })

  it('is not put around itself, the chance of the engine, or nothing', () => {
    const guarded = guardedRandom(seededRandom(1))

    expect(guardedRandom(guarded)).toBe(guarded)
    expect(guardedRandom(systemRandom)).toBe(systemRandom)
    expect(guardedRandom(undefined)).toBeUndefined()
  })
})
