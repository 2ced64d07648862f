import { describe, expect, test } from 'vitest'
import { closedPort, eventually, hostileServer } from '../../transport/hostile-server.model.js'
import { amazonInfo } from './amazon-info.js'

const VALUES: Readonly<Record<string, string>> = {
  'meta-data/instance-id': 'i-1',
  'meta-data/placement/availability-zone': 'us-east-1c',
  'meta-data/local-ipv4': '10.0.0.1',
  'meta-data/mac': '02:29:96',
  'meta-data/network/interfaces/macs/02%3A29%3A96/vpc-id': 'vpc-9',
  'dynamic/instance-identity/document': '{"accountId":"123"}',
}

describe('the data-center info of an Amazon machine', () => {
  test('is read with a token, and lacks what the machine lacks', async () => {
    const server = await hostileServer((request, response) => {
      const place = (request.url ?? '').replace('/latest/', '')
      if (request.method === 'PUT') return response.end('token-7')
      const isAllowed = request.headers['x-aws-ec2-metadata-token'] === 'token-7'
      const value = isAllowed ? VALUES[place] : undefined
      return response.writeHead(value === undefined ? 404 : 200).end(value)
    })

    const info = await amazonInfo({ url: `${server.origin}/` })

    expect(info).toEqual({
      name: 'Amazon',
      metadata: {
        'instance-id': 'i-1',
        'availability-zone': 'us-east-1c',
        'local-ipv4': '10.0.0.1',
        mac: '02:29:96',
        'vpc-id': 'vpc-9',
        accountId: '123',
      },
    })
    await eventually(() => server.connections() === 0)
  })

  test('is asked for again when the service fails once', async () => {
    let calls = 0
    const server = await hostileServer((_request, response) => {
      response.writeHead(++calls === 1 ? 503 : 200).end('x')
    })

    await expect(amazonInfo({ url: `${server.origin}/` })).resolves.toMatchObject({
      metadata: { 'instance-id': 'x' },
    })
  })

  test('is a typed error where there is no such service, or one of something else', async () => {
    const port = await closedPort()
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
