import { seededRandom } from '@breakwater/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ServerChoice } from './attempts.js'

const name = fc.constantFrom<string[]>('a', 'b', 'c', 'd', 'e', 'f')
const server = name.map((base) => ({ base }))
const operation = fc.record({
  list: fc.array(server, { maxLength: 8 }),
  good: fc.array(name),
  laterMs: fc.nat(2_000),
})

test('E12: one attempt per server and operation, never more than allowed, and the quarantine is emptied at two thirds', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 30 }), fc.integer(), (operations, seed) => {
      const options = { sessionMs: 1_000, quarantineShare: 0.66, maxAttempts: 3 }
      const subject = new ServerChoice<{ base: string }>(options, seededRandom(seed), 0)
      let now = 0
      for (const { list, good, laterMs } of operations) {
        now += laterMs
        const asked: string[] = []
        let answered = false
        for (const next of subject.attempts(list, now)) {
          asked.push(next.base)
          if (good.includes(next.base)) {
            subject.succeeded(next)
            answered = true
            break
          }
          subject.failed(next)
        }
        const distinct = new Set(list.map(({ base }) => base))
        expect(asked.length).toBe(new Set(asked).size)
        expect(asked.length).toBeLessThanOrEqual(3)
        // Whatever the past was, somebody is asked when there is somebody.
        if (distinct.size > 0) expect(asked.length).toBeGreaterThan(0)
        // The last server that answered is the first to be asked.
        if (answered) {
          const [first] = subject.attempts(list, now)
          expect(first?.base).toBe(asked.at(-1))
        }
      }
    }),
  )
})
