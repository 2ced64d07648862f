import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { SimClock } from '../sim-clock.js'
import { FaultProxy } from './fault-proxy.js'
import type { FaultProxyOptions } from './proxy-options.js'
import { ProxyLab, until, untilStill } from './fault-proxy.model.js'

const lab = new ProxyLab()
const start = lab.start.bind(lab)
const connected = lab.connected.bind(lab)

afterEach(() => lab.close())

describe('a fault proxy', () => {
  it('passes everything on, both ways, and counts it', async () => {
    const { proxy, open } = await start()
    const client = open()

    client.socket.write('hello')

    expect(await client.received(5)).toBe('hello')
    expect(proxy.stats).toMatchObject({ connections: 1, open: 1, bytesUp: 5, bytesDown: 5 })
    expect(Object.values(proxy.stats.applied)).toEqual(Array.from({ length: 8 }, () => 0))
  })

  it('passes the end of a connection on', async () => {
    const { proxy, open } = await start()
    const client = open()

    client.socket.end('bye')

    expect(await client.received(3)).toBe('bye')
    expect(await client.ended).toBe('end')
    await until(() => proxy.stats.open === 0)
  })

  it('passes a reset of the client on', async () => {
    const { target, client } = await connected()
    const [atTarget] = target.sockets

    client.socket.resetAndDestroy()

    const [error] = (await once(atTarget!, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNRESET')
  })

  it('keeps all bytes of a large answer whose reader is slow', async () => {
    const size = 5_000_000
    const { proxy, open } = await start({}, () => Buffer.alloc(size, 'x'))
    const client = open()
    client.socket.pause()

    client.socket.write('?')
    await until(() => proxy.stats.bytesDown > 0)
    client.socket.resume()

    expect((await client.received(size)).length).toBe(size)
  })

  it('lets a target wait whose client does not read', async () => {
    const size = 64_000_000
    const { proxy, open } = await start({}, () => Buffer.alloc(size, 'x'))
    const client = open()
    client.socket.pause()

    client.socket.write('?')
    await untilStill(() => proxy.stats.bytesDown)

    expect(proxy.stats.bytesDown).toBeGreaterThan(0)
    expect(proxy.stats.bytesDown).toBeLessThan(size / 2)
  })

  it('resets the client when the target is not there', async () => {
    const { target, open } = await start()
    await target.stop()

    expect(await open().ended).toBe('ECONNRESET')
  })

  it('keeps the rest of its target in its URL', async () => {
    const proxy = await FaultProxy.start({ target: 'http://a:b%40c@127.0.0.1:9/eureka/v2/?x=1' })
    lab.onClose(() => proxy.stop())

    expect(proxy.url).toMatch(/^http:[/][/]a:b%40c@127[.]0[.]0[.]1:\d+[/]eureka[/]v2[/][?]x=1$/)
  })

  it.each<[object, string]>([
    [{}, 'target'],
    [{ target: 'nowhere' }, 'target'],
    [{ target: '127.0.0.1:9', port: -1 }, 'port'],
    [{ target: '127.0.0.1:9', tagret: 1 }, 'tagret'],
  ])('refuses %o', async (options, path) => {
    const issues = [expect.objectContaining({ path }) as object]

    await expect(FaultProxy.start(options as FaultProxyOptions)).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTIONS',
      issues,
    })
  })

  it.each<[keyof FaultProxy, object | undefined, string]>([
    ['latency', {}, 'delayMs'],
    ['latency', { delayMs: -1 }, 'delayMs'],
    ['rate', { bytesPerSecond: 0 }, 'bytesPerSecond'],
    ['slice', { bytes: 0 }, 'bytes'],
    ['corrupt', { chance: 2 }, 'chance'],
    ['reset', { after: 1 }, 'after'],
    ['halfClose', { afterBytes: -1 }, 'afterBytes'],
    ['answer', { status: 99 }, 'status'],
  ])('%s refuses %o', async (method, options, path) => {
    const { proxy } = await start()
    const call = proxy[method] as (options: unknown) => void

    expect(() => {
      call.call(proxy, options)
    }).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ path })] }) as Error)
  })
})

describe('latency', () => {
  it('holds every chunk back, on open connections too, in order', async () => {
    const clock = new SimClock()
    const { proxy, open } = await start({ clock })
    const client = open()
    client.socket.write('a')
    await client.received(1)

    proxy.latency({ delayMs: 100, direction: 'down' })
    client.socket.write('b')
    await until(() => proxy.stats.applied.latency === 1)
    await clock.advance(99)
    expect(proxy.stats.bytesDown).toBe(1)
    await clock.advance(1)

    expect(await client.received(2)).toBe('ab')
  })

  it('with jitter holds a chunk back by chance, up to so much longer', async () => {
    const clock = new SimClock()
    const { proxy, open } = await start({ clock, random: { next: () => 0.5 } })
    proxy.latency({ delayMs: 10, jitterMs: 1_000, direction: 'down' })
    const client = open()
    client.socket.write('a')
    await until(() => proxy.stats.applied.latency === 1)

    await clock.advance(509)
    expect(proxy.stats.bytesDown).toBe(0)
    await clock.advance(1)

    expect(await client.received(1)).toBe('a')
  })

  it('with jitter keeps the order of the bytes', async () => {
    const clock = new SimClock()
    const { proxy, open } = await start({ clock })
    proxy.latency({ delayMs: 10, jitterMs: 1_000, direction: 'down' })
    const client = open()
    for (let index = 0; index < 20; index++) {
      client.socket.write(String.fromCharCode(97 + index))
      await until(() => proxy.stats.applied.latency > index)
    }

    await clock.advance(1_010)

    expect(await client.received(20)).toBe('abcdefghijklmnopqrst')
  })
})

describe('rate and slice', () => {
  it('lets so many bytes a second through', async () => {
    const clock = new SimClock()
    const { proxy, open } = await start({ clock })
    proxy.rate({ bytesPerSecond: 10, direction: 'up' })
    const client = open()
    client.socket.write('x'.repeat(20))
    await until(() => proxy.stats.applied.rate === 1)

    await clock.advance(1_999)
    expect(proxy.stats.bytesUp).toBe(0)
    await clock.advance(1)

    expect(await client.received(20)).toHaveLength(20)
  })

  it('cuts into pieces with time between them', async () => {
    const clock = new SimClock()
    const { proxy, open } = await start({ clock })
    proxy.slice({ bytes: 2, everyMs: 50, direction: 'down' })
    const client = open()
    client.socket.write('abcdef')
    await until(() => proxy.stats.applied.slice === 1)

    expect(await client.received(2)).toBe('ab')
    await clock.advance(50)
    expect(await client.received(4)).toBe('abcd')
    expect(proxy.stats.bytesDown).toBe(4)
    await clock.advance(50)
    expect(await client.received(6)).toBe('abcdef')
  })
})

describe('corrupt', () => {
  it('changes bytes by chance, always the same ones', async () => {
    const damage = async (): Promise<string> => {
      const { proxy, open } = await start()
      proxy.corrupt({ chance: 0.2, direction: 'down' })
      const client = open()
      client.socket.write('a'.repeat(100))
      const text = await client.received(100)
      expect(proxy.stats.applied.corrupt).toBeGreaterThan(0)
      return text
    }

    const [first, second] = [await damage(), await damage()]

    expect(first).toBe(second)
    const changed = [...first].filter((letter) => letter !== 'a').length
    expect(changed).toBeGreaterThan(5)
    expect(changed).toBeLessThan(40)
  })
})
