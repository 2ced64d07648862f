import { describe, expect, test } from 'vitest'
import { DEFAULT_READ_LIMITS } from '../core/wire/read-parts.js'
import { readInstance } from '../core/wire/read-instance.js'
import type { InstanceInfo } from '../core/model/instance-info.js'
import { ServiceUrl } from '../../transport/service-url.js'
import { VipServers } from './vip-servers.js'
import type { VipServersOptions } from './vip-servers.js'

const urls = (...texts: readonly string[]): ServiceUrl[] =>
  texts.map((text) => ServiceUrl.parse(text, 'mine')!)

function info(change: object): InstanceInfo {
  const wire = {
    instanceId: 'e1',
    hostName: 'one.example',
    ipAddr: '10.0.0.1',
    status: 'UP',
    port: { $: 8761, '@enabled': 'true' },
    securePort: { $: 8443, '@enabled': 'true' },
    ...change,
  }
  const entry = readInstance(wire, 'EUREKA', DEFAULT_READ_LIMITS)
  if (entry.kind !== 'instance') throw new Error(entry.reason)
  return entry.info
}

async function find(
  infos: readonly InstanceInfo[],
  options: Partial<VipServersOptions> = {},
): Promise<string[]> {
  const servers = await serversOf(infos, options).find()
  return servers.map(({ zone, base }) => `${zone} ${base}`)
}

function serversOf(infos: readonly InstanceInfo[], options: Partial<VipServersOptions> = {}): VipServers {
  return new VipServers({
    vip: 'eureka',
    bootstrap: () => Promise.resolve(urls('http://first:8761/eureka/v2/')),
    local: () => [],
    remote: () => Promise.resolve(infos),
    context: undefined,
    useIp: false,
    ...options,
  })
}

describe('servers by VIP', () => {
  test('have the path of the first known one, or the context that was set', async () => {
    expect(await find([info({})])).toEqual(['defaultZone http://one.example:8761/eureka/v2/'])
    expect(await find([info({ metadata: { zone: 'z' } })], { context: 'e', useIp: true })).toEqual([
      'z http://10.0.0.1:8761/e/',
    ])
  })

  test('are up, and have an open port', async () => {
    const closed = { port: { $: 1, '@enabled': 'false' }, securePort: { $: 2, '@enabled': 'false' } }

    expect(await find([info({ status: 'DOWN' }), info(closed), info({ instanceId: 'e2' })])).toHaveLength(1)
  })

  test('S14: are spoken to with TLS where all known ones are', async () => {
    const bootstrap = (): Promise<ServiceUrl[]> => Promise.resolve(urls('https://first/eureka/'))
    const plain = info({ securePort: { $: 8443, '@enabled': 'false' } })

    expect(await find([info({})], { bootstrap })).toEqual(['defaultZone https://one.example:8443/eureka/'])
    expect(await find([plain], { bootstrap })).toEqual(['mine https://first/eureka/'])
  })

  test('S6: get credentials only if they are the server that those were given for', async () => {
    const bootstrap = (): Promise<ServiceUrl[]> =>
      Promise.resolve(urls('http://user:canary@one.example:8761/eureka/'))
    const found = await serversOf([info({}), info({ instanceId: 'e2', hostName: 'two.example' })], {
      bootstrap,
    }).find()

    expect(found.map((server) => server.authorization() !== undefined)).toEqual([true, false])
  })

  test('are not given up when the known ones cannot be asked any more', async () => {
    let isDown = true
    const servers = serversOf([info({})], {
      remote: () => (isDown ? Promise.reject(new Error('down')) : Promise.resolve([info({})])),
    })

    expect((await servers.find()).map(({ base }) => base)).toEqual(['http://first:8761/eureka/v2/'])
    isDown = false
    await servers.find()
    isDown = true

    await expect(servers.find()).rejects.toThrow('down')
  })
})
