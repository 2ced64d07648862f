import { describe, expect, it } from 'vitest'
import { adopt } from './work.js'

const boom = new Error('boom')

describe('adopt', () => {
  it.each([undefined, null, 0, 'then', Symbol('then'), {}, { then: 1 }, () => 1])(
    'leaves %s alone',
    (value) => {
      expect(adopt(value)).toBeUndefined()
    },
  )

  it('takes a promise as it is', () => {
    const promise = Promise.resolve(1)

    expect(adopt(promise)).toBe(promise)
  })

  it('makes a promise of a thenable, which it asks once', async () => {
    let reads = 0
    let calls = 0
    const thenable = {
      get then() {
        reads++
        return (resolve: (value: string) => void) => {
          calls++
          resolve('answer')
        }
      },
    }

    const adopted = adopt(thenable)

    expect(Object.getPrototypeOf(adopted)).toBe(Promise.prototype)
    expect(await adopted).toBe('answer')
    expect([reads, calls]).toEqual([1, 1])
  })

  it('makes a promise of a subclass of promises, by its own then', async () => {
    class Late extends Promise<unknown> {}
    const late = new Late((resolve) => resolve('answer'))

    const adopted = adopt(late)

    expect(adopted).not.toBe(late)
    expect(Object.getPrototypeOf(adopted)).toBe(Promise.prototype)
    expect(await adopted).toBe('answer')
  })

  it('makes a promise of one with a then of its own', async () => {
    const promise = Object.assign(Promise.resolve('hidden'), {
      then: (resolve: (value: string) => void) => resolve('own'),
    })

    expect(await adopt(promise)).toBe('own')
  })

  it.each<[string, unknown]>([
    [
      'whose then cannot be read',
      Object.defineProperty({}, 'then', {
        get: () => {
          throw boom
        },
      }),
    ],
    [
      'whose then throws',
      {
        then: () => {
          throw boom
        },
      },
    ],
    [
      'that is revoked',
      (() => {
        const { proxy, revoke } = Proxy.revocable({}, {})
        revoke()
        return proxy
      })(),
    ],
    ['that only looks like a promise', Object.create(Promise.prototype)],
  ])('makes a rejected promise of something %s', async (_name, value) => {
    const settled = await Promise.allSettled([adopt(value)])

    expect(settled[0].status).toBe('rejected')
  })
})
