import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { InstanceStatus } from './instance-info.js'
import { INSTANCE_STATUSES } from './instance-info.js'
import { info, KEY, silentRegistry } from './registry.model.js'
import type { Registry } from './registry.js'
import { appsHash } from './apps-hash.js'
import { hashOf } from './wire.js'

const RETENTION_MS = 1_000
// No id is in two applications: overrides are shared by id, and the status that a heartbeat takes from one is in no delta.
const key = fc.constantFrom(
  ...['A', 'B'].flatMap((app) => ['1', '2', '3'].map((id) => ({ app, id: app + id }))),
)
const step = fc.record({
  key,
  kind: fc.constantFrom('register', 'renew', 'cancel', 'setStatus', 'removeOverride', 'metadata', 'poll'),
  status: fc.constantFrom(...INSTANCE_STATUSES),
  gapMs: fc.nat(200),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** A client that takes one full list and then patches it. */
class PatchingClient {
  private readonly statuses = new Map<string, InstanceStatus>()
  pollAt = 0

  poll(registry: Registry, now: number): void {
    this.pollAt = now
    for (const { info } of registry.changes.latest()) {
      const name = `${info.app}/${info.id}`
      if (info.actionType === 'DELETED') this.statuses.delete(name)
      else this.statuses.set(name, info.status)
    }
  }

  get view(): unknown {
    return [...this.statuses].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  get hash(): string {
    return appsHash(this.statuses.values())
  }
}

function act(registry: Registry, { key, kind, status }: Step, now: number): void {
  switch (kind) {
    case 'register':
      registry.register(info({ ...key, status, lastDirtyTimestamp: now }), { now })
      break
    case 'renew':
      registry.renew(key, undefined, { now })
      break
    case 'cancel':
      registry.cancel(key, now)
      break
    case 'setStatus':
      registry.setStatus(key, status, now)
      break
    case 'removeOverride':
      registry.removeOverride(key, status, now)
      break
    case 'metadata':
      registry.mergeMetadata(key, { at: String(now) }, now)
      break
    case 'poll':
      break
  }
}

it('a client that polls within the retention time has, patch by patch, what the full list says, and its hash', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const registry = silentRegistry()
      const client = new PatchingClient()
      let now = 0
      const poll = (): void => {
        client.poll(registry, now)
        const full = registry.all().map(({ info }) => [`${info.app}/${info.id}`, info.status] as const)
        expect(client.view).toEqual(full.sort(([a], [b]) => (a < b ? -1 : 1)))
        expect(client.hash).toBe(hashOf(registry.all()))
      }
      for (const next of steps) {
        now += next.gapMs
        if (now - client.pollAt >= RETENTION_MS || next.kind === 'poll') poll()
        act(registry, next, now)
        registry.changes.purge(now, RETENTION_MS)
      }
      poll()
    }),
  )
})

it('a delta names no instance twice', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const registry = silentRegistry()
      steps.forEach((next, now) => {
        act(registry, next, now)
      })

      const names = registry.changes.latest().map(({ info }) => `${info.app}/${info.id}`)
      expect(new Set(names).size).toBe(names.length)
    }),
  )
})

it('a delta is in the order of the last changes', () => {
  const registry = silentRegistry()
  const [a, b] = [
    { app: 'A', id: 'a' },
    { app: 'A', id: 'b' },
  ]
  for (const key of [a, b]) registry.register(info(key), { now: 0 })
  registry.setStatus(a, 'DOWN', 1)

  expect(registry.changes.latest().map(({ info }) => info.id)).toEqual(['b', 'a'])
})

it('a delta says what each change was', () => {
  const registry = silentRegistry()
  const last = (): unknown => registry.changes.latest().map((lease) => lease.info.actionType)

  registry.register(info({ actionType: 'DELETED' }), { now: 0 })
  expect(last()).toEqual(['ADDED'])
  registry.setStatus(KEY, 'DOWN', 1)
  expect(last()).toEqual(['MODIFIED'])
  registry.cancel(KEY, 2)
  expect(last()).toEqual(['DELETED'])
})
