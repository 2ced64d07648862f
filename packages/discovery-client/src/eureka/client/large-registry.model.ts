/** A registry of the size of a large company, as Spring's clients register themselves. */
export const INSTANCES = 10_000
const APPS = 200

export interface WireInstance {
  readonly app: string
  readonly [field: string]: unknown
}

export function wireInstance(index: number, version: number): WireInstance {
  const host = `host-${String(index)}.internal`
  return {
    instanceId: `${host}:svc:8080`,
    hostName: host,
    app: `APP-${String(index % APPS)}`,
    ipAddr: `10.0.${String(index >> 8)}.${String(index & 255)}`,
    status: 'UP',
    overriddenStatus: 'UNKNOWN',
    port: { $: 8080, '@enabled': 'true' },
    securePort: { $: 443, '@enabled': 'false' },
    countryId: 1,
    dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
    leaseInfo: {
      renewalIntervalInSecs: 30,
      durationInSecs: 90,
      registrationTimestamp: 1,
      lastRenewalTimestamp: version,
    },
    metadata: { 'management.port': '8080', version: String(version), zone: 'us-east-1a' },
    homePageUrl: `http://${host}:8080/`,
    statusPageUrl: `http://${host}:8080/actuator/info`,
    healthCheckUrl: `http://${host}:8080/actuator/health`,
    vipAddress: `app-${String(index % APPS)}`,
    secureVipAddress: `app-${String(index % APPS)}`,
    lastUpdatedTimestamp: '1795246609713',
    lastDirtyTimestamp: '1000',
    actionType: 'ADDED',
  }
}

/** The text of a list, with the fingerprint of all. */
export function answerOf(instances: readonly WireInstance[]): string {
  const byApp = new Map<string, WireInstance[]>()
  for (const each of instances) {
    const known = byApp.get(each.app)
    if (known === undefined) byApp.set(each.app, [each])
    else known.push(each)
  }
  const application = Array.from(byApp, ([name, instance]) => ({ name, instance }))
  return JSON.stringify({
    applications: { versions__delta: '1', apps__hashcode: `UP_${String(INSTANCES)}_`, application },
  })
}

/** All of them, at their first version. */
export function fullAnswer(): string {
  return answerOf(Array.from({ length: INSTANCES }, (_, index) => wireInstance(index, 0)))
}
