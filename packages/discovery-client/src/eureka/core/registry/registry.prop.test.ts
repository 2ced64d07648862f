import { seededRandom } from '@breakwater/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INSTANCE_STATUSES } from '../model/instance-info.js'
import type { InstanceInfo } from '../model/instance-info.js'
import { runSteps } from '../steps.js'
import type { ReadApplications } from '../wire/read-applications.js'
import { applyDelta, replaceRegistry } from './apply.js'
import { contentsOf, info, ModelServer, newRegistry, registryOf } from './registry.model.js'
import type { Registry } from './registry.js'

const app = fc.constantFrom('A', 'B', '__PROTO__')
const id = fc.constantFrom('1', '2', '3', '__proto__')
const status = fc.constantFrom(...INSTANCE_STATUSES)
const instance: fc.Arbitrary<InstanceInfo> = fc
  .record({
    app,
    status,
    vipAddress: fc.constantFrom('v', 'V,w', 'x'),
    port: fc.constantFrom(80, 81).map((number) => ({ number, enabled: true })),
  })
  .chain((changes) => id.map((instanceId) => info(instanceId, changes)))

/** What may happen at a server and between it and a client. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('put' as const), instance }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), app, id }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('status' as const), app, id, status }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('poll' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replay' as const), age: fc.nat(3) }) },
)

function act(server: ModelServer, at: typeof step extends fc.Arbitrary<infer S> ? S : never): void {
  if (at.kind === 'put') server.put(at.instance)
  else if (at.kind === 'remove') server.remove(at.app, at.id)
  else if (at.kind === 'status') server.setStatus(at.app, at.id, at.status)
  else if (at.kind === 'forget') server.forget()
}

const applied = (registry: Registry, read: ReadApplications) =>
  runSteps(applyDelta(registry, read, seededRandom(1)))
const replaced = (registry: Registry, read: ReadApplications): Registry =>
  runSteps(replaceRegistry(registry, read, seededRandom(2))).registry

describe('a registry', () => {
  it('E2: a client that polls before the server forgets has what a full fetch would bring, and the same hash', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const server = new ModelServer()
        let registry = newRegistry()
        for (const at of steps) {
          // The server forgets only what the client has heard of.
          if (at.kind !== 'forget' && at.kind !== 'poll') act(server, at)
          if (at.kind !== 'poll') continue
          const result = applied(registry, server.delta())
          registry = result.registry

          expect(result.isConsistent).toBe(true)
          expect(contentsOf(registry)).toEqual(contentsOf(registryOf(server.instances)))
          server.forget()
        }
      }),
      { numRuns: 300 },
    )
  }, 60_000)

  it('E1 E2 E4: lost, repeated and old deltas show in the hash or change no count, and one full fetch mends all', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const server = new ModelServer()
        const heard: ReadApplications[] = []
        let registry = newRegistry()
        for (const at of steps) {
          act(server, at)
          const read =
            at.kind === 'poll' ? server.delta() : at.kind === 'replay' ? heard.at(-1 - at.age) : undefined
          if (read === undefined) continue
          heard.push(read)
          const before = { registry, contents: contentsOf(registry) }
          const result = applied(registry, read)

          expect(contentsOf(before.registry)).toEqual(before.contents)
          expect(result.isConsistent).toBe(result.registry.hash === read.appsHashCode)
          expect(contentsOf(applied(result.registry, read).registry)).toEqual(contentsOf(result.registry))
          registry = result.isConsistent ? result.registry : replaced(result.registry, server.full())
          if (!result.isConsistent) {
            expect(contentsOf(registry)).toEqual(contentsOf(registryOf(server.instances)))
          }
        }
        registry = replaced(registry, server.full())

        expect(contentsOf(registry)).toEqual(contentsOf(registryOf(server.instances)))
        expect(replaced(registry, server.full())).toBe(registry)
      }),
      { numRuns: 300 },
    )
  }, 60_000)

  it('E1: what does not change keeps its identity: instances, lists, applications, the registry', () => {
    fc.assert(
      fc.property(fc.array(instance, { maxLength: 12 }), fc.array(step, { maxLength: 6 }), (start, steps) => {
        const server = new ModelServer()
        for (const first of start) server.put(first)
        const before = replaced(newRegistry(), server.full())
        server.forget()
        for (const at of steps) act(server, at)

        const { registry, changedApps } = applied(before, server.delta())

        expect(registry === before).toBe(changedApps.size === 0)
        expect(registry.version).toBe(before.version + (changedApps.size === 0 ? 0 : 1))
        for (const [name, application] of registry.apps) {
          if (!changedApps.has(name)) expect(application).toBe(before.app(name))
        }
        const isSame = (a: readonly InstanceInfo[], b: readonly InstanceInfo[]): boolean =>
          a.length === b.length && a.every((item, index) => item === b[index])
        for (const vip of ['v', 'w', 'x']) {
          const [was, is] = [before.vip(vip), registry.vip(vip)]
          if (isSame(was, is) && was.length > 0) expect(is).toBe(was)
        }
      }),
      { numRuns: 300 },
    )
  }, 60_000)
})
