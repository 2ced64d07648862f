/** What the tests of the registry share. */
import type { InstanceInfo, InstanceStatus } from './instance-info.js'
import { Registry } from './registry.js'

/** An instance; what is not told is as with most. */
export function info(fields: Partial<InstanceInfo> = {}): InstanceInfo {
  return {
    id: 'a',
    app: 'USERS',
    hostName: 'h',
    ipAddr: '10.0.0.1',
    status: 'UP',
    overriddenStatus: 'UNKNOWN',
    port: { number: 80, enabled: true },
    securePort: { number: 443, enabled: false },
    dataCenterInfo: { class: 'c', name: 'MyOwn' },
    renewalIntervalSecs: 30,
    durationSecs: 90,
    metadata: {},
    texts: {},
    isCoordinator: false,
    lastDirtyTimestamp: 1_000,
    lastUpdatedTimestamp: 0,
    actionType: 'ADDED',
    ...fields,
  }
}

/** A registry that nobody listens to. */
export function silentRegistry(): Registry {
  const ignore = (): void => undefined
  return new Registry({ changed: ignore, joined: ignore, left: ignore, renewed: ignore })
}

export const KEY = { app: 'USERS', id: 'a' } as const

export function statusOf(registry: Registry): InstanceStatus | undefined {
  return registry.lease(KEY)?.info.status
}
