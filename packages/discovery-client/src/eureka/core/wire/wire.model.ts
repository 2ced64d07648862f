/** Generators and shapes for tests of the wire format. */
import fc from 'fast-check'
import type { InstanceInfo } from '../model/instance-info.js'
import { runSteps } from '../steps.js'
import { readApplications } from './read-applications.js'
import type { ReadApplications } from './read-applications.js'
import { DEFAULT_READ_LIMITS } from './read-parts.js'
import { writeRegistration } from './write-instance.js'

/** An instance as a Netflix server 1.10 writes it. */
export const WIRE_INSTANCE: Readonly<Record<string, unknown>> = Object.freeze({
  instanceId: 'h1:svc:8080',
  hostName: 'h1',
  app: 'SVC',
  ipAddr: '10.0.0.1',
  status: 'UP',
  overriddenStatus: 'UNKNOWN',
  port: { $: 8080, '@enabled': 'true' },
  securePort: { $: 8443, '@enabled': 'false' },
  countryId: 1,
  dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
  leaseInfo: {
    renewalIntervalInSecs: 30,
    durationInSecs: 90,
    registrationTimestamp: 1795246609712,
    lastRenewalTimestamp: 1795246609712,
    evictionTimestamp: 0,
    serviceUpTimestamp: 1795246609713,
  },
  metadata: { zone: 'z1' },
  homePageUrl: 'http://h1:8080/',
  statusPageUrl: 'http://h1:8080/info',
  healthCheckUrl: 'http://h1:8080/health',
  vipAddress: 'svc,svc-alt',
  secureVipAddress: 'svcs',
  isCoordinatingDiscoveryServer: 'false',
  lastUpdatedTimestamp: '1795246609713',
  lastDirtyTimestamp: '1000',
  actionType: 'ADDED',
})

/** A list answer with these instances, each under its own application. */
export function answerWith(instances: readonly unknown[], hash = ''): unknown {
  const application = instances.map((instance) => ({ name: 'SVC', instance: [instance] }))
  return { applications: { versions__delta: '1', apps__hashcode: hash, application } }
}

/** Reads an answer that must be usable. */
export function readAnswer(json: unknown): ReadApplications {
  const read = runSteps(readApplications(json, DEFAULT_READ_LIMITS))
  if (read.kind === 'unusable') throw new Error(`unusable: ${read.reason}`)
  return read
}

/** What a server would answer about these instances. */
export function answerOf(infos: readonly InstanceInfo[], hash: string | undefined): unknown {
  const apps = new Map<string, InstanceInfo[]>()
  for (const info of infos) apps.set(info.app, [...(apps.get(info.app) ?? []), info])
  const application = Array.from(apps, ([name, list]) => ({
    name,
    instance: list.map((info) => writeRegistration(info).instance),
  }))
  return {
    applications: {
      versions__delta: '1',
      ...(hash === undefined ? {} : { apps__hashcode: hash }),
      application,
    },
  }
}

const status = fc.constantFrom('UP', 'DOWN', 'STARTING', 'OUT_OF_SERVICE', 'UNKNOWN')
const port = fc.record({ number: fc.integer({ min: 0, max: 65_535 }), enabled: fc.boolean() })
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
const stamp = fc.integer({ min: 0, max: 2 ** 41 })
const text = fc
  .string({ minLength: 1, maxLength: 20 })
  .filter((value) => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(value))
const hostile = fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty')
const texts: fc.Arbitrary<Record<string, string>> = fc
  .array(fc.tuple(fc.oneof(text, hostile), fc.string({ maxLength: 20 })), { maxLength: 5 })
  .map((entries) => Object.assign(Object.create(null), nullObject(entries)) as Record<string, string>)

function nullObject(entries: readonly (readonly [string, string])[]): object {
  const object = Object.create(null) as Record<string, string>
  for (const [key, value] of entries) if (key !== '@class') object[key] = value
  return object
}

const dataCenterInfo = fc.oneof(
  fc.constant({ name: 'MyOwn' as const }),
  texts.map((metadata) => ({ name: 'Amazon' as const, metadata })),
)
const leaseInfo = fc.record(
  {
    renewalIntervalMs: fc.integer({ min: 1, max: 9_999 }).map((secs) => secs * 1_000),
    durationMs: fc.integer({ min: 1, max: 9_999 }).map((secs) => secs * 1_000),
    registrationTimestamp: stamp,
    serviceUpTimestamp: stamp,
  },
  { requiredKeys: ['renewalIntervalMs', 'durationMs'] },
)

/** Any instance that could be registered. */
export const instanceInfo: fc.Arbitrary<InstanceInfo> = fc.record(
  {
    instanceId: fc.oneof(name, text, hostile),
    app: fc.oneof(name, hostile).map((value) => value.toUpperCase()),
    hostName: fc.oneof(name, fc.ipV4()),
    ipAddr: fc.oneof(fc.ipV4(), fc.constant('')),
    status: status,
    overriddenStatus: status,
    port,
    securePort: port,
    dataCenterInfo,
    metadata: texts,
    isCoordinatingDiscoveryServer: fc.boolean(),
    leaseInfo,
    countryId: fc.nat(9),
    vipAddress: fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join(', ')),
    secureVipAddress: name,
    appGroupName: text,
    homePageUrl: fc.constant('http://h:1/'),
    lastUpdatedTimestamp: stamp,
    lastDirtyTimestamp: stamp,
    actionType: fc.constantFrom('ADDED', 'MODIFIED', 'DELETED'),
  },
  {
    requiredKeys: [
      'instanceId',
      'app',
      'hostName',
      'ipAddr',
      'status',
      'overriddenStatus',
      'port',
      'securePort',
      'dataCenterInfo',
      'metadata',
      'isCoordinatingDiscoveryServer',
      'countryId',
    ],
  },
)
