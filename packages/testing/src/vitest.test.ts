import { CircuitOpenError } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import './vitest.js'

class Snapshotted {
  private readonly current: string

  constructor(current: string) {
    this.current = current
  }

  snapshot(): { readonly state: string } {
    return { state: this.current }
  }
}

const withSnapshot = (state: string): Snapshotted => new Snapshotted(state)

describe('states', () => {
  it('are found in `state` or in `snapshot().state`', () => {
    expect({ state: 'open' }).toBeOpen()
    expect(withSnapshot('open')).toBeOpen()
    expect({ state: 'closed' }).toBeClosed()
    expect({ state: 'half-open' }).toBeHalfOpen()
    expect({ state: 'forced-open' }).toHaveState('forced-open')
  })

  it('fail the test when they are others, and say which', () => {
    expect(() => expect({ state: 'closed' }).toBeOpen()).toThrow('expected state "closed" to be "open"')
    expect(() => expect(withSnapshot('open')).toBeClosed()).toThrow('expected state "open" to be "closed"')
    expect(() => expect({ state: 'forced-open' }).toBeOpen()).toThrow('expected state "forced-open"')
    expect(() => expect({ state: 'open' }).toBeHalfOpen()).toThrow('to be "half-open"')
    expect(() => expect({ state: 'open' }).toHaveState('disabled')).toThrow('to be "disabled"')
  })

  it('can be denied', () => {
    expect({ state: 'closed' }).not.toBeOpen()
    expect(() => expect({ state: 'open' }).not.toBeOpen()).toThrow('expected state "open" not to be "open"')
  })

  it.each([
    undefined,
    null,
    'open',
    {},
    { state: 5 },
    { snapshot: () => ({ state: 5 }) },
    { snapshot: () => null },
  ])('are not found in %o', (value: unknown) => {
    expect(() => expect(value).toBeOpen()).toThrow('expected state "open", but the value has no state')
  })
})

describe('toHaveOutcome', () => {
  it.each(['success', 'failure', 'timeout', 'rejected', 'cancelled', 'ignored'] as const)(
    'knows %s',
    (kind) => {
      expect({ kind }).toHaveOutcome(kind)
    },
  )

  it('looks at the kind', () => {
    expect({ kind: 'success', value: 1 }).toHaveOutcome('success')
    expect({ kind: 'timeout', error: 1 }).not.toHaveOutcome('success')
    expect(() => expect({ kind: 'failure', error: 1 }).toHaveOutcome('success')).toThrow(
      'expected outcome "failure" to be "success"',
    )
    expect(() => expect({ kind: 'success', value: 1 }).not.toHaveOutcome('success')).toThrow(
      'not to be "success"',
    )
  })

  it('fails for what is no outcome, and points out a promise that was not awaited', () => {
    expect(() => expect({ kind: 'fish' }).toHaveOutcome('success')).toThrow(/but the value is none$/)
    expect(() => expect(undefined).toHaveOutcome('success')).toThrow('but the value is none')
    expect(() => expect(Promise.resolve()).toHaveOutcome('success')).toThrow('it is a promise: await it')
  })

  it('refuses a kind that does not exist, also when denied', () => {
    const typo = 'sucess' as 'success'

    expect(() => expect({ kind: 'success' }).not.toHaveOutcome(typo)).toThrow(
      '"sucess" is no kind of outcome; there are success, failure, timeout',
    )
  })
})

describe('toRejectWithCode', () => {
  it('looks at the code of the error', async () => {
    await expect(Promise.reject(new CircuitOpenError('x'))).toRejectWithCode('ERR_CIRCUIT_OPEN')
    await expect(Promise.reject(new CircuitOpenError('x'))).not.toRejectWithCode('ERR_TIMEOUT')
  })

  it('fails when the code is another one, absent, or the promise is fulfilled', async () => {
    const check = (promise: Promise<unknown>): Promise<void> =>
      expect(promise).toRejectWithCode('ERR_TIMEOUT')

    await expect(check(Promise.reject(new CircuitOpenError('x')))).rejects.toThrow(
      'expected rejection "ERR_CIRCUIT_OPEN" to be "ERR_TIMEOUT"',
    )
    await expect(check(Promise.reject(new Error('x')))).rejects.toThrow('expected rejection without a code')
    // A dependency may reject with anything, `undefined` too.
    await expect(check(Promise.reject(undefined as unknown as Error))).rejects.toThrow('without a code')
    await expect(check(Promise.resolve('fine'))).rejects.toThrow('but the promise was fulfilled')
    await expect(
      expect(Promise.reject(new CircuitOpenError('x'))).not.toRejectWithCode('ERR_CIRCUIT_OPEN'),
    ).rejects.toThrow('not to be "ERR_CIRCUIT_OPEN"')
  })

  it('refuses what is no promise, also when denied', async () => {
    await expect(expect('value').not.toRejectWithCode('ERR_TIMEOUT')).rejects.toThrow('needs a promise')
  })
})
