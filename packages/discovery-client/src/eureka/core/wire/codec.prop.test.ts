import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isInstanceStatus } from '../model/instance-info.js'
import { runSteps } from '../steps.js'
import { readHost } from './host.js'
import { readApplications, readInstanceAnswer } from './read-applications.js'
import { DEFAULT_READ_LIMITS } from './read-parts.js'
import { answerWith, instanceInfo, readAnswer, WIRE_INSTANCE } from './wire.model.js'
import { writeRegistration } from './write-instance.js'

const FIELDS = [...Object.keys(WIRE_INSTANCE), 'overriddenstatus', 'sid', 'asgName', 'secureHealthCheckUrl']
const hostileKey = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '$',
  '@enabled',
  '@class',
)
/** Any JSON value, also as the engine makes it from text: with own members called `__proto__`. */
const junk = fc
  .oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.dictionary(hostileKey, fc.jsonValue({ maxDepth: 2 })),
    fc.constantFrom('{"__proto__":{"polluted":1}}', 'UP', 'true', '-1', '65536', '1e3', '', '\u0000', '🦊'),
    fc.double(),
  )
  .map((value) => JSON.parse(JSON.stringify(value) ?? 'null') as unknown)

/** A good instance in which some fields are anything. */
const damaged = fc
  .array(fc.tuple(fc.constantFrom(...FIELDS), junk), { maxLength: 4 })
  .map((changes) => ({ ...WIRE_INSTANCE, ...Object.fromEntries(changes) }))

/** An answer that is more or less one. */
const answers = fc.oneof(
  junk,
  fc.record({ applications: junk }),
  fc.record({ applications: fc.record({ application: junk, apps__hashcode: junk }) }),
  fc.array(fc.oneof(damaged, junk), { maxLength: 6 }).map((instances) => answerWith(instances)),
)

describe('reading answers', () => {
  it('S1 S2 E5: takes any JSON without throwing and without touching prototypes, and keeps nothing invalid', () => {
    const prototype = Object.getOwnPropertyNames(Object.prototype).join()
    fc.assert(
      fc.property(answers, (json) => {
        const read = runSteps(readApplications(json, DEFAULT_READ_LIMITS))

        expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(prototype)
        if (read.kind === 'unusable') return
        for (const entry of read.entries) {
          if (entry.kind === 'dropped') continue
          const { info } = entry
          expect(readHost(info.hostName)).toBe(info.hostName)
          expect(info.instanceId.length * info.app.length).toBeGreaterThan(0)
          expect(info.app).toBe(info.app.toUpperCase())
          expect(isInstanceStatus(info.status) && isInstanceStatus(info.overriddenStatus)).toBe(true)
          expect(Object.getPrototypeOf(info.metadata)).toBeNull()
          for (const text of Object.values(info.metadata)) expect(typeof text).toBe('string')
          for (const { number, enabled } of [info.port, info.securePort]) {
            expect(Number.isInteger(number) && number >= 0 && number <= 65_535).toBe(true)
            expect(typeof enabled).toBe('boolean')
          }
          expect(Object.isFrozen(info)).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  }, 60_000)

  it('E5: whatever stands between them, good entries are kept, and every entry is kept or counted', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(damaged, junk), { maxLength: 6 }), fc.nat(6), (others, place) => {
        const good = { ...WIRE_INSTANCE, instanceId: 'the good one', app: 'GOOD' }
        const instances = others.toSpliced(place, 0, good).filter((instance) => !Array.isArray(instance))

        const { entries, dropped } = readAnswer(answerWith(instances))

        const kept = entries.flatMap((entry) => (entry.kind === 'instance' ? entry.info : []))
        expect(kept.some(({ instanceId, app }) => instanceId === 'the good one' && app === 'GOOD')).toBe(true)
        const counted = [...dropped.values()].reduce((sum, count) => sum + count, 0)
        expect(kept.length + counted).toBe(instances.length)
      }),
      { numRuns: 1_000 },
    )
  }, 60_000)

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(instanceInfo, (info) => {
        const json: unknown = JSON.parse(JSON.stringify(writeRegistration(info)))

        expect(readInstanceAnswer(json, DEFAULT_READ_LIMITS)).toEqual(info)
      }),
      { numRuns: 2_000 },
    )
  }, 60_000)
})
