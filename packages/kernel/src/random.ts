/**
 * Where chance comes from. Policies take a `Random` as input, so that tests and simulations replay exactly from a seed.
 * None of these is fit for secrets.
 */
import { describeValue } from './describe-value.js'
import { reportInternalError } from './internal-errors.js'
import { invalidArgument } from './invalid-options-error.js'

/** A source of random numbers. */
export interface Random {
  /** The next number, uniform in [0, 1). */
  next(): number
}

/**
 * The random numbers of the JavaScript engine.
 *
 * @example
 * ```ts
 * import { systemRandom } from '@breakwater/kernel'
 *
 * console.log(systemRandom.next() < 1) // true
 * ```
 */
export const systemRandom: Random = Object.freeze({ next: () => Math.random() })

/**
 * A repeatable sequence: equal seeds give equal numbers on every machine and in every release (a number and its
 * decimal text are the same seed). The generator is Chris Doty-Humphrey's `sfc32` from PractRand, a chaotic
 * generator of 128 bits of state with a counter that guarantees a period of at least 2^32; its state is filled from the
 * seed by the 32-bit FNV-1a hash (Fowler, Noll, Vo) and stirred by 16 discarded steps.
 *
 * @throws InvalidOptionsError for a seed that is neither a number nor a text.
 *
 * @example
 * ```ts
 * import { seededRandom } from '@breakwater/kernel'
 *
 * const random = seededRandom('my test')
 * console.log(random.next() === seededRandom('my test').next()) // true
 * ```
 */
export function seededRandom(seed: number | string): Random {
  if (typeof seed !== 'number' && typeof seed !== 'string')
    throw invalidArgument('seededRandom', { path: 'seed', received: seed, expected: 'a number or a text' })
  const text = String(seed)
  const state = { a: hash(`${text}a`), b: hash(`${text}b`), c: hash(`${text}c`), counter: 1 }
  for (let step = 0; step < 16; step++) advance(state)
  return { next: () => advance(state) / 2 ** 32 }
}

/** Chance of the user's own. Numbers outside of the range would leave choices without an answer, or make them search for ever. */
class GuardedRandom implements Random {
  constructor(private readonly random: Random) {}

  next(): number {
    try {
      const number: unknown = this.random.next()
      if (typeof number === 'number' && number >= 0 && number < 1) return number
      const answer = describeValue(number)
      reportInternalError(
        new RangeError(`random must answer a number from 0 to below 1, not ${answer}`),
        'random',
      )
    } catch (error) {
      reportInternalError(error, 'random')
    }
    return systemRandom.next()
  }
}

/** The same chance; where it answers no number from 0 to below 1, or throws, that is reported, and the engine's stands in. */
export function guardedRandom<D extends Random | undefined>(random: Random | D): Random | D {
  if (random === undefined || random === systemRandom || random instanceof GuardedRandom) return random
  return new GuardedRandom(random)
}

interface Sfc32State {
  a: number
  b: number
  c: number
  counter: number
}

/** One step of sfc32; an unsigned 32-bit number. */
function advance(state: Sfc32State): number {
  const { a, b, c, counter } = state
  const sum = (a + b + counter) | 0
  state.counter = (counter + 1) | 0
  state.a = b ^ (b >>> 9)
  state.b = (c + (c << 3)) | 0
  state.c = (((c << 21) | (c >>> 11)) + sum) | 0
  return sum >>> 0
}

function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  return value | 0
}
