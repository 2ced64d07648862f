import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DueQueue } from './due-queue.js'
import type { Due } from './due-queue.js'

type Step =
  | { readonly kind: 'add'; readonly at: number; readonly background: boolean }
  | { readonly kind: 'remove'; readonly index: number }
  | { readonly kind: 'take'; readonly now: number; readonly ago: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    at: fc.constantFrom(-Infinity, 0, 1, 2, 3, Infinity),
    background: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('remove' as const), index: fc.nat(20) }),
  fc.record({ kind: fc.constant('take' as const), now: fc.nat(4), ago: fc.nat(3) }),
)

const earlier = (a: Due, b: Due): number => (a.at === b.at ? a.order - b.order : a.at - b.at)

it('behaves as a plain list that is sorted at each use', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new DueQueue()
      const added: Due[] = []
      let model: Due[] = []
      for (const each of steps) {
        if (each.kind === 'add') {
          const due = { at: each.at, background: each.background, order: added.length, run: () => undefined }
          queue.add(due)
          added.push(due)
          model = [...model, due].sort(earlier)
        }
        const victim = each.kind === 'remove' ? added[each.index] : undefined
        if (victim !== undefined) {
          expect(queue.remove(victim)).toBe(model.includes(victim))
          model = model.filter((due) => due !== victim)
        }
        if (each.kind === 'take') {
          const order = added.length - each.ago
          const expected = model.find((due) => due.at <= each.now && due.order < order)
          expect(queue.take(each.now, order)).toBe(expected)
          model = model.filter((due) => due !== expected)
        }
        expect(queue.size).toBe(model.length)
        expect(queue.backgroundSize).toBe(model.filter((due) => due.background).length)
        expect(queue.nextAt).toBe(model[0]?.at ?? Infinity)
      }
    }),
    { numRuns: 500 },
  )
})
