import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { EurekaLab } from './eureka-lab.model.js'
import { json, list, raw, registration } from './eureka.model.js'

const lab = new EurekaLab()
const ID = 'h1:users:9001'
const JSON_ONLY = { accept: 'application/json' }

afterEach(lab.close)

describe('answers of the Netflix server', () => {
  it.each([
    ['apps/', {}, 200, 'application/xml', 'gzip'],
    ['apps/', JSON_ONLY, 200, 'application/json', 'gzip'],
    ['apps/', { ...JSON_ONLY, 'accept-encoding': 'identity' }, 406, undefined, undefined],
    ['apps/', { accept: 'text/html' }, 406, undefined, undefined],
    ['vips/users', JSON_ONLY, 200, 'application/json', undefined],
    ['apps/NONE', JSON_ONLY, 404, 'application/json', undefined],
    ['apps/NONE', {}, 404, 'application/xml', undefined],
    ['vips/users', { ...JSON_ONLY, 'accept-encoding': 'gzip' }, 200, 'application/json', 'gzip'],
    ['nothing', JSON_ONLY, 404, undefined, undefined],
  ] as const)('to GET %s with %o: %i', async (path, headers, ...[status, type, encoding]) => {
    const { url } = await lab.start()

    const answer = await raw('GET', url + path, { headers })

    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toBe(type)
    expect(answer.headers['content-encoding']).toBe(encoding)
    if (status !== 200) expect(answer.text).toBe('')
  })

  it('take a compressed registration', async () => {
    const eureka = await lab.start()
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    const body = gzipSync(JSON.stringify(registration()))

    expect((await raw('POST', `${eureka.url}apps/users`, { headers, body })).status).toBe(204)
    expect(eureka.instances).toHaveLength(1)
    expect((await raw('POST', `${eureka.url}apps/users`, { headers, body: 'not gzip' })).status).toBe(400)
  })

  it('list overrides', async () => {
    const eureka = await lab.start()
    eureka.setStatus(eureka.register({ appName: 'users', instanceId: 'a' }), 'OUT_OF_SERVICE')

    const { text } = await json('GET', new URL('../serverinfo/statusoverrides', eureka.url).href)

    expect(text).toBe('{"a":"OUT_OF_SERVICE"}')
  })
})

describe('answers of the Spring server', () => {
  it.each([
    ['PUT', 'apps/USERS/x', 404, 'Not Found', 'keep-alive'],
    ['PATCH', 'apps/USERS/x', 405, 'Method Not Allowed', 'keep-alive'],
    ['PUT', `apps/USERS/${ID}?lastDirtyTimestamp=x`, 500, 'Internal Server Error', 'close'],
    ['POST', 'apps/USERS', 415, 'Unsupported Media Type', 'keep-alive'],
  ] as const)('explain an error in JSON: %s %s', async (method, path, ...[status, error, connection]) => {
    const { url } = await lab.start({ flavour: 'spring' })
    await json('POST', `${url}apps/users`, registration())

    const answer = await raw(method, url + path, { headers: { ...JSON_ONLY, connection: 'keep-alive' } })

    expect(answer.status).toBe(status)
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', connection })
    expect(JSON.parse(answer.text)).toMatchObject({ status, error, timestamp: expect.any(String) as string })
  })

  it('compress lists when asked, and nothing else', async () => {
    const { url } = await lab.start({ flavour: 'spring' })
    const encoding = async (path: string, headers: object): Promise<string | undefined> =>
      (await raw('GET', url + path, { headers: { ...JSON_ONLY, ...headers } })).headers['content-encoding']
    const gzip = { 'accept-encoding': 'gzip' }

    expect(await encoding('apps/', gzip)).toBe('gzip')
    expect(await encoding('apps/', {})).toBeUndefined()
    expect(await encoding('vips/users', gzip)).toBeUndefined()
  })

  it('refuse a compressed registration, and ids that its container refuses', async () => {
    const { url } = await lab.start({ flavour: 'spring' })
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }

    const zipped = await raw('POST', `${url}apps/users`, {
      headers,
      body: gzipSync(JSON.stringify(registration())),
    })
    expect(zipped.status).toBe(400)
    expect((await json('POST', `${url}apps/users`, registration({ instanceId: 'a/b' }))).status).toBe(204)
    expect((await json('PUT', `${url}apps/users/a%2Fb`)).status).toBe(400)
  })

  it('have no type where there is no body', async () => {
    const { url } = await lab.start({ flavour: 'spring' })

    const { headers } = await json('POST', `${url}apps/users`, registration())

    expect(headers['content-type']).toBeUndefined()
  })
})

describe.each(['netflix', 'spring'] as const)('answers of the %s server', (flavour) => {
  it.each([
    ['a b', 'a%20b'],
    ['a:1;x', 'a%3A1%3Bx'],
    ['100%?+', '100%25%3F%2B'],
    ['жук', encodeURIComponent('жук')],
  ])('find the odd id %s', async (instanceId, encoded) => {
    const { url } = await lab.start({ flavour })
    await json('POST', `${url}apps/users`, registration({ instanceId, metadata: { name: 'жук' } }))

    expect((await json('PUT', `${url}apps/users/${encoded}`)).status).toBe(200)
    expect((await json('GET', `${url}apps/users/${encoded}`)).text).toContain('жук')
    expect((await json('DELETE', `${url}apps/users/${encoded}`)).status).toBe(200)
  })

  it('say why a registration is refused', async () => {
    const { url } = await lab.start({ flavour })

    const answer = await json('POST', `${url}apps/orders`, registration())

    expect(answer).toMatchObject({ status: 400, text: 'Mismatched appName, expecting ORDERS but was USERS' })
    expect(await json('POST', `${url}apps/users`, '{')).toMatchObject({
      status: 400,
      text: '{"error":"cannot parse request body"}',
    })
    expect((await raw('POST', `${url}apps/users`, { body: '{}' })).status).toBe(415)
  })

  it.each([
    ['PUT', `apps/users/${ID}/status?value=SLEEPING`, 500],
    ['PUT', `apps/users/${ID}/status`, 500],
    ['PUT', 'apps/users/nobody/status?value=UP', 404],
    ['DELETE', `apps/users/${ID}/status?value=SLEEPING`, 500],
    ['DELETE', 'apps/users/nobody/status', 404],
    ['PUT', 'apps/users/nobody/metadata?a=b', 404],
    ['GET', 'instances/nobody', 404],
  ])('to %s %s: %i', async (method, path, status) => {
    const { url } = await lab.start({ flavour })
    await json('POST', `${url}apps/users`, registration())

    expect((await json(method, url + path)).status).toBe(status)
  })

  it('are shorter in compact form, with numbers for stamps', async () => {
    const { url } = await lab.start({ flavour })
    await json('POST', `${url}apps/users`, registration())

    const { text } = await raw('GET', `${url}apps/`, {
      headers: { ...JSON_ONLY, 'accept-encoding': 'gzip', 'x-eureka-accept': 'compact' },
    })
    const { applications } = JSON.parse(text) as {
      applications: { application: { instance: object[] }[]; registeredApplicationsEmpty?: boolean }
    }
    const [instance] = applications.application[0]!.instance

    expect(instance).toMatchObject({ lastUpdatedTimestamp: expect.any(Number) as number, status: 'UP' })
    expect(applications.registeredApplicationsEmpty).toBe(flavour === 'spring' ? false : undefined)
    for (const field of [
      'metadata',
      'leaseInfo',
      'overriddenStatus',
      'lastDirtyTimestamp',
      'countryId',
      'isCoordinatingDiscoveryServer',
    ])
      expect(instance).not.toHaveProperty(field)
  })

  it('count deltas, not changes', async () => {
    const { url } = await lab.start({ flavour })
    const versions = []
    for (const instanceId of ['a', 'b']) {
      await json('POST', `${url}apps/users`, registration({ instanceId }))
      versions.push((await list(`${url}apps/delta`)).versions__delta)
    }

    expect(versions).toEqual(['1', '2'])
  })

  it('tell the state of the server', async () => {
    const { url } = await lab.start({ flavour })

    expect(await json('GET', `${url}status`)).toMatchObject({
      status: 200,
      text: expect.stringContaining('"renew-threshold"') as string,
    })
  })
})
