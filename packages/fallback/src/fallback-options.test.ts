import { describe, expect, it } from 'vitest'
import { Fallback } from './fallback.js'

describe('the options of a fallback', () => {
  it.each<[unknown, string[]]>([
    [undefined, ['chain']],
    [{}, ['chain']],
    [{ chain: [] }, ['chain']],
    [{ chain: [() => 1, 'no function'] }, ['chain[1]']],
    [{ chain: () => 1 }, ['chain']],
    [{ chain: Array.from({ length: 101 }, () => () => 1) }, ['chain']],
    [{ chain: [() => 1], limit: -1 }, ['limit']],
    [{ chain: [() => 1], when: true }, ['when']],
    [{ chain: [() => 1], whn: () => true }, ['whn']],
    [{ chain: [() => 1], name: 'x'.repeat(256) }, []],
    [{ chain: [() => 1], name: 'x'.repeat(257) }, ['name']],
  ])('%o: every fault in one error', (options, paths) => {
    let found: string[] = []
    try {
      new Fallback(options as never)
    } catch (error) {
      found = (error as { issues: { path: string }[] }).issues.map(({ path }) => path)
    }

    expect(found).toEqual(paths)
  })

  it('are copied: later changes of the chain have no effect', async () => {
    const chain = [(): string => 'first']
    const fallback = new Fallback({ chain })

    chain[0] = () => 'other'
    chain.push(() => 'more')

    expect(await fallback.execute(() => Promise.reject(new Error('x')))).toBe('first')
  })
})
