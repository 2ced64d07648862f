import { seededRandom } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { runSteps } from '../steps.js'
import { answerWith, readAnswer, WIRE_INSTANCE } from '../wire/wire.model.js'
import { applyDelta, replaceRegistry } from './apply.js'
import { contentsOf, delta, full, info, listed, newRegistry, registryOf } from './registry.model.js'

const ids = (list: Iterable<{ readonly instanceId: string }> | undefined): string[] =>
  Array.from(list ?? [], ({ instanceId }) => instanceId)

describe('lookups', () => {
  const registry = registryOf([
    info('a1', { app: 'A', vipAddress: 'one, two,', secureVipAddress: 'sec' }),
    info('a2', { app: 'A', vipAddress: 'ONE', status: 'DOWN' }),
    info('b1', { app: 'B', vipAddress: 'one' }),
    info('a1', { app: 'B', vipAddress: 'three' }),
    info('c1', { app: 'C', status: 'STARTING' }),
  ])

  it('finds applications without regard to case, with what is up apart', () => {
    expect(ids(registry.app('a')?.instances)).toEqual(['a1'])
    expect(ids(registry.app('A')?.all)).toEqual(['a1', 'a2'])
    expect(registry.app('nobody')).toBeUndefined()
  })

  it('finds VIPs over all applications, each of a list, without regard to case and blanks', () => {
    expect(ids(registry.vip('One'))).toEqual(['a1', 'b1'])
    expect(ids(registry.vip(' two '))).toEqual(['a1'])
    expect(ids(registry.vip(''))).toEqual([])
    expect(ids(registry.secureVip('SEC'))).toEqual(['a1'])
    expect(ids(registry.vipOfApp('one', 'b'))).toEqual(['b1'])
    expect(ids(registry.vipOfApp('sec', 'a', true))).toEqual(['a1'])
    expect(ids(registry.vipOfApp('one', 'nobody'))).toEqual([])
  })

  it('finds ids in any status and in several applications', () => {
    expect(registry.instance('a', 'a2')?.status).toBe('DOWN')
    expect(registry.byId('a1').map(({ app }) => app)).toEqual(['A', 'B'])
    expect(registry.byId('nobody')).toEqual([])
    expect(registry.services()).toEqual(['A', 'B'])
  })

  it('shows all when told so', () => {
    const all = registryOf([info('a1'), info('a2', { status: 'DOWN' })], { filterOnlyUp: false })

    expect(ids(all.vip('vip'))).toEqual(['a1', 'a2'])
  })

  it('counts and hashes every status', () => {
    expect([registry.size, registry.hash, newRegistry().hash]).toEqual([5, 'DOWN_1_STARTING_1_UP_3_', ''])
  })
})

describe('a delta', () => {
  const before = registryOf([info('a1'), info('a2'), info('b1', { app: 'B', vipAddress: 'b' })])

  it('adds, replaces and removes', () => {
    const { registry, changedApps } = delta(before, [
      ['ADDED', info('c1', { app: 'C' })],
      ['MODIFIED', info('a1', { status: 'OUT_OF_SERVICE' })],
      ['DELETED', info('b1', { app: 'B' })],
    ])

    expect([...changedApps]).toEqual(['C', 'A', 'B'])
    expect(contentsOf(registry)).toEqual(
      contentsOf(
        registryOf([info('a1', { status: 'OUT_OF_SERVICE' }), info('a2'), info('c1', { app: 'C' })]),
      ),
    )
    expect(registry.app('B')).toBeUndefined()
    expect(registry.version).toBe(before.version + 1)
  })

  it('leaves every list and application alone that it does not change', () => {
    const { registry } = delta(before, [
      ['MODIFIED', info('b1', { app: 'B', vipAddress: 'b', hostName: 'new' })],
    ])

    expect(registry.app('A')).toBe(before.app('A'))
    expect(registry.vip('vip')).toBe(before.vip('vip'))
    expect(registry.vip('b')).not.toBe(before.vip('b'))
    expect(registry.data.ids).toBe(before.data.ids)
    expect(before.vip('b')[0]?.hostName).toBe('h')
  })

  it('keeps the lists of what is shown when only others change', () => {
    const { registry } = delta(before, [['ADDED', info('a9', { status: 'STARTING' })]])

    expect(registry.app('A')?.instances).toBe(before.app('A')?.instances)
    expect(registry.vip('vip')).toBe(before.vip('vip'))
    expect(registry.size).toBe(4)
  })

  it('that says nothing new leaves the registry as it is, the same object', () => {
    expect(delta(before, []).registry).toBe(before)
    expect(delta(before, [['ADDED', info('a1')]]).registry).toBe(before)
    expect(delta(before, [['DELETED', info('nobody')]]).registry).toBe(before)
    expect(delta(before, [['DELETED', info('x', { app: 'NOBODY' })]]).registry).toBe(before)
    expect(full(before, [info('b1', { app: 'B', vipAddress: 'b' }), info('a2'), info('a1')])).toBe(before)
  })

  it('is consistent if its hash is ours, or if it has none', () => {
    const added: [['ADDED', ReturnType<typeof info>]] = [['ADDED', info('a3', { status: 'DOWN' })]]

    expect(delta(before, added, 'DOWN_1_UP_3_').isConsistent).toBe(true)
    expect(delta(before, added, 'UP_4_').isConsistent).toBe(false)
    expect(delta(before, added).isConsistent).toBe(true)
  })

  it('ignores entries that do not say what to do', () => {
    const { registry, ignored } = runSteps(applyDelta(before, listed([info('a7')])))

    expect([registry, ignored]).toEqual([before, 1])
  })

  it('S10: that would lead beyond the limit changes nothing', () => {
    const small = full(newRegistry({ maxInstances: 2 }), [info('a1'), info('a2')])

    const result = delta(small, [['ADDED', info('a3')]])

    expect(result).toMatchObject({ isTooLarge: true, isConsistent: false })
    expect(result.registry).toBe(small)
    expect(delta(small, [['MODIFIED', info('a1', { status: 'DOWN' })]]).isTooLarge).toBe(false)
  })
})

describe('unusable entries', () => {
  const bad = { ...WIRE_INSTANCE, instanceId: 'bad', hostName: 'a b', status: 'DOWN' }
  const before = runSteps(
    replaceRegistry(newRegistry(), readAnswer(answerWith([WIRE_INSTANCE, bad, 7]))),
  ).registry
  const change = (instance: object) =>
    runSteps(applyDelta(before, readAnswer(answerWith([instance])))).registry

  it('E5: are not shown, but counted in the hash, as the server counts them', () => {
    expect([before.size, before.hash]).toEqual([1, 'DOWN_1_UP_2_'])
    expect(before.byId('bad')).toEqual([])
  })

  it('that are as before leave the registry as it is, the same object', () => {
    expect(change({ ...bad, actionType: 'MODIFIED' })).toBe(before)
    expect(change({ ...bad, actionType: 'MODIFIED', status: 'UP' })).not.toBe(before)
  })

  it('are forgotten when a delta deletes or mends them, and take the place of what they replace', () => {
    expect(change({ ...bad, actionType: 'DELETED' }).hash).toBe('UP_2_')
    expect(change({ ...bad, actionType: 'MODIFIED', hostName: 'ab' })).toMatchObject({
      size: 2,
      hash: 'DOWN_1_UP_2_',
    })
    expect(change({ ...WIRE_INSTANCE, actionType: 'MODIFIED', hostName: 'a b' })).toMatchObject({
      size: 0,
      hash: 'DOWN_1_UP_2_',
    })
    expect(full(before, []).hash).toBe('')
  })
})

describe('the order of lists', () => {
  const many = Array.from({ length: 20 }, (_, index) => info(`i${index}`))
  const orderOf = (seed: number): string => {
    const { registry } = runSteps(replaceRegistry(newRegistry(), listed(many), seededRandom(seed)))
    return ids(registry.app('A')?.instances).join()
  }

  it('is by chance, so that clients differ, and complete', () => {
    expect(new Set([1, 2, 3, 4].map(orderOf)).size).toBe(4)
    expect(orderOf(1).split(',').sort()).toEqual(ids(many).sort())
  })

  it('gives each instance the first place as often', () => {
    const firsts = Array.from({ length: 2_000 }, (_, seed) => orderOf(seed).split(',')[0])

    const counts = ids(many).map((id) => firsts.filter((first) => first === id).length)

    expect(Math.min(...counts)).toBeGreaterThan(60)
    expect(Math.max(...counts)).toBeLessThan(150)
  })
})

describe('the steps of a full fetch', () => {
  it('are many: for reading in what was listed, and for building applications', () => {
    const many = Array.from({ length: 6_400 }, (_, index) => info(`i${index}`, { app: `APP${index % 100}` }))

    const steps = [...replaceRegistry(newRegistry(), listed(many))].length

    // 64 entries, and 256 instances to build, a step; further ones for the indexes, one at least for each application.
    expect(steps).toBeGreaterThanOrEqual(100 + 20 + 100)
  })
})

describe('lookups', () => {
  const registry = registryOf([
    info('a1', { vipAddress: 'one,two', secureVipAddress: 'safe' }),
    info('a2', { vipAddress: 'two' }),
    info('b1', { app: 'B', vipAddress: 'one' }),
  ])

  it('answer by VIP and application with the list that is there already', () => {
    const ids = (list: readonly { readonly instanceId: string }[]) => list.map(({ instanceId }) => instanceId)

    expect(ids(registry.vipOfApp(' ONE ', 'a'))).toEqual(['a1'])
    expect(ids(registry.vipOfApp('two', 'A')).sort()).toEqual(['a1', 'a2'])
    expect(ids(registry.vipOfApp('safe', 'A', true))).toEqual(['a1'])
    expect([registry.vipOfApp('safe', 'A'), registry.vipOfApp('one', 'nobody')]).toEqual([[], []])
    expect(registry.vipOfApp('two', 'a')).toBe(registry.vipOfApp('TWO', 'A'))
  })

  it.each([
    ['app', 'name', (name: string) => registry.app(name)],
    ['vip', 'name', (name: string) => registry.vip(name)],
    ['secureVip', 'name', (name: string) => registry.secureVip(name)],
    ['vipOfApp', 'vip', (name: string) => registry.vipOfApp(name, 'A')],
    ['byId', 'instanceId', (name: string) => registry.byId(name)],
    ['instance', 'instanceId', (name: string) => registry.instance('A', name)],
  ])('%s refuses what is no text', (method, path, look) => {
    for (const name of [undefined, null, 5, {}, Symbol('x')])
      expect(() => look(name as string)).toThrow(
        expect.objectContaining({
          code: 'ERR_INVALID_OPTIONS',
          message: expect.stringContaining(`Registry.${method}`) as string,
          issues: [expect.objectContaining({ path })],
        }),
      )
  })
})
