/** How work is cut into steps, so that no registry holds up the loop: each number is how often somebody else has a turn. */
import { describe, expect, it } from 'vitest'
import type { Steps } from '../steps.js'
import { applyDelta, replaceRegistry } from './apply.js'
import { diffRegistries } from './diff.js'
import { keepServices } from './keep-services.js'
import { full, info, listed, newRegistry, registryOf } from './registry.model.js'

const stepsOf = (work: Steps<unknown>): number => [...work].length
const many = (count: number, more: (index: number) => object = () => ({})): ReturnType<typeof info>[] =>
  Array.from({ length: count }, (_, index) => info(`i${index}`, more(index)))
/** With sixteen VIPs each, of which no two are the same. */
const withVips = (count: number): ReturnType<typeof info>[] =>
  many(count, (index) => ({
    vipAddress: Array.from({ length: 16 }, (_, vip) => `v${index * 16 + vip}`).join(),
  }))

describe('a full answer', () => {
  it.each([
    // Always: two indexes of VIPs, and the ids of one application.
    ['few instances', 3, many(1)],
    ['64 instances, which are read in', 3 + 1, many(64)],
    // 4 reading, 1 arranged, 1 for each kind of VIP, 1 between applications.
    ['256 instances of an application', 3 + 4 + 1 + 2 + 1, many(256)],
    ['255 instances of an application', 3 + 3 + 2 + 1, many(255)],
    ['254 instances of an application', 3 + 3, many(254)],
    // 32 reading, 8 arranged, 8 for each kind of VIP, 1 between applications, 1 for the ids.
    ['2048 instances of an application', 3 + 32 + 8 + 16 + 1 + 1, many(2_048)],
    ['60 applications', 2 + 60, many(60, (index) => ({ app: `A${index}` }))],
    // Arranged one by one, so only between applications.
    ['256 applications', 2 + 256 + 4 + 2, many(256, (index) => ({ app: `A${index}` }))],
  ])('of %s takes %i steps', (_, steps, infos) => {
    expect(stepsOf(replaceRegistry(newRegistry(), listed(infos)))).toBe(steps)
  })

  it.each([
    ['applications that are gone', 2 + 64 + 1, many(64, (index) => ({ app: `A${index}` }))],
    ['instances that are gone', 3, many(256)],
    ['ids that are gone', 3 + 1 + 1, many(2_048)],
  ])('goes through %s in %i steps', (_, steps, infos) => {
    expect(stepsOf(replaceRegistry(full(newRegistry(), infos), listed([])))).toBe(steps)
  })

  it('goes through VIPs', () => {
    const [few, infos] = [withVips(31), withVips(32)]

    // Collected and kept, put into the index, and joined there.
    expect(stepsOf(replaceRegistry(newRegistry(), listed(few)))).toBe(3 + 3)
    expect(stepsOf(replaceRegistry(newRegistry(), listed(infos)))).toBe(3 + 4 + 1 + 1)
    // Out of the index, which is copied first.
    expect(stepsOf(replaceRegistry(full(newRegistry(), infos), listed([])))).toBe(3 + 1 + 2)
  })
})

it('a delta is read in 64 entries a step', () => {
  const [few, more] = [63, 64].map((count) =>
    listed(many(count).map((one) => ({ ...one, actionType: 'ADDED' as const }))),
  ) as [ReturnType<typeof listed>, ReturnType<typeof listed>]

  expect(stepsOf(applyDelta(newRegistry(), few))).toBe(3)
  expect(stepsOf(applyDelta(newRegistry(), more))).toBe(4)
})

it('registries are compared application by application', () => {
  const three = registryOf(many(3, (index) => ({ app: `A${index}` })))

  expect(stepsOf(diffRegistries(three, newRegistry()))).toBe(3)
})

it('services that are kept are built one by one', () => {
  const before = registryOf([
    ...many(4, (index) => ({ app: index < 2 ? 'A' : 'B' })),
    info('c', { app: 'C' }),
  ])
  const guard = { maxShrinkPercent: 50, maxServiceShrinkPercent: 50, minServiceInstances: 2, maxHoldMs: 1 }
  const after = registryOf([info('c', { app: 'C' })])

  expect(stepsOf(keepServices(before, after, new Map(), { now: 0, guard }))).toBe(2 + 2 + 2)
})
