import { InvalidOptionsError, pipeline } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { RequestCache } from './request-cache.js'
import { StaleCache } from './stale-cache.js'

function pathsOf(make: () => unknown): string[] {
  try {
    make()
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error.issues.map(({ path }) => path)
  }
  return []
}

describe('the options of caches', () => {
  it.each<[object, string[]]>([
    [{ key: 'id' }, ['key']],
    [{ scope: 'global' }, ['scope']],
    [{ ttlMs: -1, max: 0 }, ['ttlMs', 'max']],
    [{ ttlMs: Infinity }, ['ttlMs']],
    [{ compat: true }, ['compat']],
    [{ clock: {} }, ['clock']],
    [{ ttl: 5 }, ['ttl']],
  ])('RequestCache %o: every fault in one error', (options, paths) => {
    expect(pathsOf(() => new RequestCache(options as never))).toEqual(paths)
  })

  it.each<[object, string[]]>([
    [{ key: 1, freshMs: NaN, staleMs: '1', max: 1.5, name: 5 }, ['key', 'freshMs', 'staleMs', 'max', 'name']],
    [{ scope: 'request' }, ['scope']],
  ])('StaleCache %o: every fault in one error', (options, paths) => {
    expect(pathsOf(() => new StaleCache(options as never))).toEqual(paths)
  })

  it('are described, with their defaults', () => {
    const described = pipeline(new RequestCache({ name: 'users' }), new StaleCache()).describe()

    expect(described).toEqual([
      {
        kind: 'request-cache',
        name: 'users',
        options: { scope: 'request', ttlMs: Infinity, max: 1_000, compat: undefined },
      },
      { kind: 'stale-cache', name: undefined, options: { freshMs: 0, staleMs: 60_000, max: 1_000 } },
    ])
  })
})
