import { InvalidOptionsError } from '@breakwater/kernel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { freePort } from '../../../../../servers/free-ports.ts'
import { eventually, hostileServer } from '../../transport/hostile-server.model.js'
import { amazonInfo } from './amazon-info.js'

const VALUES: Readonly<Record<string, string>> = {
  'meta-data/instance-id': 'i-1',
  'meta-data/placement/availability-zone': 'us-east-1c',
  'meta-data/local-ipv4': '10.0.0.1',
  'meta-data/mac': '02:29:96',
  'meta-data/network/interfaces/macs/02%3A29%3A96/vpc-id': 'vpc-9',
  'dynamic/instance-identity/document': '{"accountId":"123"}',
}

const INFO = {
  name: 'Amazon',
  metadata: {
    'instance-id': 'i-1',
    'availability-zone': 'us-east-1c',
    'local-ipv4': '10.0.0.1',
    mac: '02:29:96',
    'vpc-id': 'vpc-9',
    accountId: '123',
  },
}

const placeOf = ({ url = '' }: IncomingMessage): string => url.replace('/latest/', '')

/** As the metadata service of such a machine does. */
function answer(request: IncomingMessage, response: ServerResponse): unknown {
  if (request.method === 'PUT') return response.end('token-7')
  const isAllowed = request.headers['x-aws-ec2-metadata-token'] === 'token-7'
  const value = isAllowed ? VALUES[placeOf(request)] : undefined
  return response.writeHead(value === undefined ? 404 : 200).end(value)
}

describe('the data-center info of an Amazon machine', () => {
  test('is read with a token, and lacks what the machine lacks', async () => {
    const server = await hostileServer(answer)

    expect(await amazonInfo({ url: `${server.origin}/` })).toEqual(INFO)
    await eventually(() => server.connections() === 0)
  })

  test('is not asked for by options that cannot be meant, each of which is named', async () => {
    const options = { tries: 0, connectTimeoutMs: NaN, readTimeoutMs: 0, url: 5, timeoutMs: 5 } as object

    const error = await amazonInfo(options).catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(InvalidOptionsError)
    expect((error as InvalidOptionsError).issues.map(({ path }) => path).sort()).toEqual(
      Object.keys(options).sort(),
    )
  })

  test.each<[string, (response: ServerResponse) => unknown]>([
    ['answers 503', (response) => response.writeHead(503).end()],
    ['breaks the connection', (response) => response.destroy()],
  ])('is asked for three times while the service %s', async (_how, fail) => {
    const calls = new Map<string, number>()
    const server = await hostileServer((request, response) => {
      const call = (calls.get(request.url ?? '') ?? 0) + 1
      calls.set(request.url ?? '', call)
      return call < 3 ? fail(response) : answer(request, response)
    })

    await expect(amazonInfo({ url: `${server.origin}/` })).resolves.toEqual(INFO)
    calls.clear()
    await expect(amazonInfo({ url: `${server.origin}/`, tries: 2 })).rejects.toMatchObject({
      name: 'RegistryError',
    })
  })

  test('is read without a token where the machine has only the first version', async () => {
    const server = await hostileServer((request, response) =>
      request.method === 'PUT' ? response.writeHead(405).end() : response.end(VALUES[placeOf(request)]),
    )

    await expect(amazonInfo({ url: `${server.origin}/` })).resolves.toEqual(INFO)
    for (const headers of server.headers) expect(headers).not.toHaveProperty('x-aws-ec2-metadata-token')
  })

  test('is a typed error where there is no such service, or one of something else', async () => {
    const port = await freePort()
    const server = await hostileServer((_request, response) => response.writeHead(404).end('<html>'))

    await expect(amazonInfo({ url: `http://127.0.0.1:${String(port)}/` })).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNREACHABLE',
    })
    await expect(amazonInfo({ url: `${server.origin}/` })).rejects.toMatchObject({
      code: 'ERR_REGISTRY_BODY',
    })
    expect(server.requests.length).toBeGreaterThan(0)
  })
})
