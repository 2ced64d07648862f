// A Eureka server on a thread of its own, with 10,000 instances of which every poll changes one in a hundred.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

export const INSTANCES = 10_000
const CHANGED = INSTANCES / 100
const APPS = 200

const PROGRAM = `
const { createServer } = require('node:http')
const { gzipSync } = require('node:zlib')
const { parentPort, workerData } = require('node:worker_threads')
const { INSTANCES, CHANGED, APPS } = workerData
const instance = (index, version) => {
  const host = 'host-' + index + '.internal'
  const name = 'app-' + (index % APPS)
  return {
    instanceId: host + ':' + name + ':8080', hostName: host, app: name.toUpperCase(), ipAddr: '10.0.' + (index >> 8) + '.' + (index & 255),
    status: 'UP', overriddenStatus: 'UNKNOWN', port: { $: 8080, '@enabled': 'true' }, securePort: { $: 443, '@enabled': 'false' }, countryId: 1,
    dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
    leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: 90, registrationTimestamp: 1, lastRenewalTimestamp: version, evictionTimestamp: 0 },
    metadata: { 'management.port': '8080', version: String(version), zone: 'us-east-1a' }, homePageUrl: 'http://' + host + ':8080/',
    statusPageUrl: 'http://' + host + ':8080/actuator/info', healthCheckUrl: 'http://' + host + ':8080/actuator/health',
    vipAddress: name, secureVipAddress: name, isCoordinatingDiscoveryServer: 'false',
    lastUpdatedTimestamp: '1795246609713', lastDirtyTimestamp: '1000', actionType: 'ADDED',
  }
}
const answer = (instances) => {
  const apps = new Map()
  for (const each of instances) {
    if (!apps.has(each.app)) apps.set(each.app, { name: each.app, instance: [] })
    apps.get(each.app).instance.push(each)
  }
  const applications = { versions__delta: '1', apps__hashcode: 'UP_' + INSTANCES + '_', application: [...apps.values()] }
  return gzipSync(JSON.stringify({ applications }))
}
const full = answer(Array.from({ length: INSTANCES }, (_, index) => instance(index, 0)))
let polls = 0
const delta = () => {
  polls++
  return answer(Array.from({ length: CHANGED }, (_, at) => instance((polls * CHANGED + at) % INSTANCES, polls)))
}
const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
  response.end(request.url.includes('delta') ? delta() : full)
})
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

/** Starts it, until the process ends; its base URL. */
export async function startRegistry(): Promise<string> {
  const worker = new Worker(PROGRAM, { eval: true, workerData: { INSTANCES, CHANGED, APPS } })
  const [port] = (await once(worker, 'message')) as [number]
  return `http://127.0.0.1:${port}/eureka/`
}
