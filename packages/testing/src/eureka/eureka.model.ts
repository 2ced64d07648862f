/** What the tests of the embedded server share: raw requests, and a registration as clients send it. */
import { request } from 'node:http'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { gunzipSync } from 'node:zlib'

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface RawOptions {
  readonly headers?: OutgoingHttpHeaders
  readonly body?: unknown
}

/** Sends exactly these headers: nothing is added that a client might forget. */
export function raw(
  method: string,
  url: string,
  { headers = {}, body }: RawOptions = {},
): Promise<RawAnswer> {
  const isRaw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
  const sent = isRaw ? body : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', reject)
      response.once('end', () => {
        const bytes = Buffer.concat(chunks)
        const isZipped = response.headers['content-encoding'] === 'gzip' && bytes.length > 0
        const plain = isZipped ? gunzipSync(bytes) : bytes
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: plain.toString('utf8') })
      })
    })
    call.once('error', reject)
    call.end(sent)
  })
}

const JSON_HEADERS = {
  accept: 'application/json',
  'accept-encoding': 'gzip',
  'content-type': 'application/json',
}

/** A request as a decent client sends it. */
export function json(method: string, url: string, body?: unknown): Promise<RawAnswer> {
  return raw(method, url, { headers: JSON_HEADERS, body })
}

interface WireApplication {
  readonly name: string
  readonly instance: readonly Readonly<Record<string, unknown>>[]
}

export interface WireApplications {
  readonly versions__delta: string
  readonly apps__hashcode: string
  readonly application: readonly WireApplication[]
}

/** A list, parsed. */
export async function list(url: string): Promise<WireApplications> {
  const { text } = await json('GET', url)
  return (JSON.parse(text) as { applications: WireApplications }).applications
}

/** `APP/id STATUS ACTION` of every instance in a list. */
export function lines({ application }: WireApplications): string[] {
  return application.flatMap(({ name, instance }) =>
    instance.map(({ instanceId, status, actionType }) =>
      [`${name}/${String(instanceId)}`, status, actionType].join(' '),
    ),
  )
}

/** The body of a registration. */
export function registration(fields: Readonly<Record<string, unknown>> = {}): {
  instance: Record<string, unknown>
} {
  return {
    instance: {
      instanceId: 'h1:users:9001',
      hostName: 'h1',
      app: 'users',
      ipAddr: '10.0.0.1',
      status: 'UP',
      overriddenStatus: 'UNKNOWN',
      port: { $: 9001, '@enabled': 'true' },
      securePort: { $: 9443, '@enabled': 'false' },
      dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
      leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: 90 },
      metadata: { zone: 'z1' },
      vipAddress: 'users,users-alt',
      secureVipAddress: 'users-secure',
      lastDirtyTimestamp: '1000',
      ...fields,
    },
  }
}

/** The instance alone. */
export async function instance(url: string): Promise<Readonly<Record<string, unknown>>> {
  const { text } = await json('GET', url)
  return (JSON.parse(text) as { instance: Record<string, unknown> }).instance
}
