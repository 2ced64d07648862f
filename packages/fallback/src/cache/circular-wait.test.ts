import { CircularWaitError, pipeline, withRequestContext } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { Fallback } from '../fallback.js'
import { RequestCache } from './request-cache.js'
import { StaleCache } from './stale-cache.js'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe.each(['process', 'request'] as const)('work behind a cache of scope %s', (scope) => {
  const within = <R>(work: () => Promise<R>): Promise<R> =>
    scope === 'request' ? withRequestContext(work) : work()

  it('is refused the answer that it is to give, at once and after a while, and the cache goes on', async () => {
    const cache = new RequestCache({ scope, name: 'users' })

    await within(async () => {
      for (const wait of [() => Promise.resolve(), turn]) {
        const circular = cache.load('ann', async () => {
          await wait()
          return cache.load('ann', () => 'never')
        })
        await expect(circular).rejects.toThrow(CircularWaitError)
        await expect(circular).rejects.toMatchObject({
          code: 'ERR_CIRCULAR_WAIT',
          message: expect.stringContaining('users, key "ann"') as string,
        })
      }
      expect(await cache.load('ann', () => 'Ann')).toBe('Ann')
    })
  })

  it('may handle the refusal, and answer all who wait', async () => {
    const cache = new RequestCache({ scope })
    const work = (): Promise<string> => cache.load('ann', () => 'never').catch(() => 'without')

    await within(async () => {
      expect(await Promise.all([cache.load('ann', work), cache.load('ann', work)])).toEqual([
        'without',
        'without',
      ])
    })
  })

  it('finds the circle over several keys and caches', async () => {
    const [users, groups] = [new RequestCache({ scope }), new RequestCache({ scope })]
    const user = (): Promise<string> =>
      users.load('ann', async () => {
        await turn()
        return `ann of ${await group()}`
      })
    const group = (): Promise<string> =>
      groups.load('admins', async () => {
        await turn()
        return `admins with ${await user()}`
      })

    await within(async () => {
      await expect(user()).rejects.toThrow(CircularWaitError)
      // Begun by two callers who know nothing of each other: whoever closes the circle is refused.
      const ends = await Promise.allSettled([user(), group()])
      expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    })
  })

  it('may ask for other keys, and for keys that others are fetching', async () => {
    const cache = new RequestCache({ scope })
    const slow = (): Promise<string> => cache.load('slow', () => turn().then(() => 'slow'))

    await within(async () => {
      const [direct, nested, deeper] = await Promise.all([
        slow(),
        cache.load('a', () => slow()),
        cache.load('b', () => cache.load('a', () => 'own').then((text) => `${text}!`)),
      ])
      expect([direct, nested, deeper]).toEqual(['slow', 'slow', 'slow!'])
    })
  })

  it('may ask for what waits for one thing twice, over others', async () => {
    const cache = new RequestCache({ scope })
    const slow = (): Promise<string> => cache.load('slow', () => turn().then(() => 'slow'))
    const both = (): Promise<string> =>
      cache.load('both', async () => {
        const answers = await Promise.all([cache.load('a', slow), cache.load('b', slow)])
        return answers.join()
      })

    await within(async () => {
      const answers = await Promise.all([both(), cache.load('above', both), cache.load('beside', both)])
      expect(answers).toEqual(Array(3).fill('slow,slow'))
    })
  })

  it('may be asked for by what its work has given up waiting for', async () => {
    const cache = new RequestCache({ scope })
    const caller = new AbortController()
    const inner = (): Promise<string> =>
      cache.load('inner', async () => {
        while (!caller.signal.aborted) await turn()
        return `inner with ${await cache.load('outer', () => 'never')}`
      })
    const outer = (): Promise<string> =>
      cache.load('outer', async () => {
        await cache.load('inner', () => 'never', { signal: caller.signal }).catch(() => undefined)
        for (let turns = 0; turns < 5; turns++) await turn()
        return 'outer'
      })

    await within(async () => {
      const answers = Promise.all([inner(), outer()])
      await turn()
      caller.abort()
      expect(await answers).toEqual(['inner with outer', 'outer'])
    })
  })

  it('is refused by what its work still waits for with another call', async () => {
    const cache = new RequestCache({ scope })
    const caller = new AbortController()
    const inner = (): Promise<string> =>
      cache.load('inner', async () => {
        while (!caller.signal.aborted) await turn()
        return cache.load('outer', () => 'never')
      })

    await within(async () => {
      const outer = cache.load('outer', async () => {
        const left = inner()
        const ask = cache.load('inner', () => 'never', { signal: caller.signal })
        setImmediate(() => caller.abort())
        await ask.catch(() => undefined)
        return left
      })
      await expect(outer).rejects.toThrow(CircularWaitError)
    })
  })

  it('may go on with its own key when its answer is given', async () => {
    const cache = new RequestCache({ scope })
    let later: Promise<string> | undefined

    await within(async () => {
      await cache.load('ann', () => {
        later = turn().then(() => cache.load('ann', () => 'again'))
        return 'first'
      })
      expect(await later).toBe(scope === 'request' ? 'first' : 'again')
    })
  })
})

it('is refused by a stale cache too, and a fallback around it answers', async () => {
  const clock = new SimClock()
  const cache = new StaleCache({ key: () => 'rate', freshMs: 1, staleMs: 1, clock })
  const stack = pipeline(new Fallback({ chain: [({ error }) => (error as Error).name] }), cache)

  expect(await stack.execute(() => cache.execute(() => 'never'))).toBe('CircularWaitError')
})
