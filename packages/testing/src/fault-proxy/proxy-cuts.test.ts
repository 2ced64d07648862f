import { afterEach, describe, expect, it } from 'vitest'
import { SimClock } from '../sim-clock.js'
import { ProxyLab, until, untilStill } from './fault-proxy.model.js'

const lab = new ProxyLab()
const start = lab.start.bind(lab)
const connected = lab.connected.bind(lab)

afterEach(() => lab.close())

/** So long that what passes a proxy has passed it. */
async function manyTurns(): Promise<void> {
  for (let turn = 0; turn < 5_000; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('cuts', () => {
  it('reset ends open connections at once and new ones when they come', async () => {
    const { proxy, open, client } = await connected()

    proxy.reset()

    expect(await client.ended).toBe('ECONNRESET')
    expect(await open().ended).toBe('ECONNRESET')
    expect(proxy.stats.applied.reset).toBe(2)
    proxy.heal()
    const healed = open()
    healed.socket.write('b')
    expect(await healed.received(1)).toBe('b')
  })

  it('a reset by the client does not pass a black hole, and comes when it is healed', async () => {
    const { proxy, target, client } = await connected()

    proxy.blackhole()
    client.socket.resetAndDestroy()
    await manyTurns()
    expect([target.sockets.size, proxy.stats.open]).toEqual([1, 1])

    proxy.heal()
    await until(() => target.sockets.size === 0 && proxy.stats.open === 0)
  })

  it('stopping ends what a black hole holds of a client who is gone', async () => {
    const { proxy, target, client } = await connected()
    proxy.blackhole()
    client.socket.resetAndDestroy()
    await manyTurns()

    await proxy.stop()

    await until(() => target.sockets.size === 0)
  })

  it('reset after some bytes lets these through', async () => {
    const { proxy, open } = await start()
    proxy.reset({ afterBytes: 3 })
    const client = open()

    client.socket.write('abcdef')

    expect(await client.ended).toBe('ECONNRESET')
    expect(proxy.stats).toMatchObject({ bytesDown: 3, applied: { reset: 1 } })
  })

  it('reset after some bytes counts, on an open connection, from when it was set', async () => {
    const { proxy, open } = await start()
    const client = open()
    client.socket.write('abc')
    await client.received(3)

    proxy.reset({ afterBytes: 2 })
    client.socket.write('def')

    expect(await client.ended).toBe('ECONNRESET')
    expect(proxy.stats.bytesDown).toBe(5)
  })

  it('reset ends at once a connection whose client does not read', async () => {
    const { proxy, open } = await start({}, () => Buffer.alloc(32 * 1024 * 1024))
    const client = open()
    client.socket.pause()
    client.socket.write('a')
    await untilStill(() => proxy.stats.bytesDown)

    proxy.reset()

    await until(() => proxy.stats.open === 0)
    expect(proxy.stats.applied.reset).toBe(1)
  })

  it('reset ends a connection whose end is just being sent', async () => {
    const { proxy, client } = await connected()

    proxy.halfClose()
    await Promise.resolve()
    proxy.reset()

    expect(await client.ended).toBe('end')
    await until(() => proxy.stats.open === 0)
    expect(proxy.stats.applied).toMatchObject({ halfClose: 1, reset: 1 })
  })

  it('half-close ends what the client reads, and not what it writes', async () => {
    const { proxy, target, open } = await start()
    proxy.halfClose({ afterBytes: 4 })
    const client = open()

    client.socket.write('abcdef')
    expect(await client.ended).toBe('end')
    client.socket.write('more')

    await until(() => target.received() === 'abcdefmore')
    expect(Buffer.concat(client.pieces).toString()).toBe('abcd')
    expect(proxy.stats.applied.halfClose).toBe(1)
  })

  it('half-close beside a reset comes after the bytes of its own', async () => {
    const { proxy, open } = await start()
    proxy.reset({ afterBytes: 1_000 })
    proxy.halfClose({ afterBytes: 4 })
    const client = open()

    client.socket.write('abcdef')

    expect(await client.ended).toBe('end')
    expect(proxy.stats.applied).toMatchObject({ halfClose: 1, reset: 0 })
  })

  it('half-close ends open connections at once, each of them once', async () => {
    const { proxy, target, client } = await connected()

    proxy.halfClose()
    expect(await client.ended).toBe('end')
    client.socket.write('b')
    await until(() => target.received() === 'ab')
    proxy.halfClose()

    expect(proxy.stats.applied.halfClose).toBe(1)
  })
})

describe('a black hole', () => {
  it('holds everything back until it is healed', async () => {
    const { proxy, target, client } = await connected()

    proxy.blackhole()
    client.socket.write('b')
    await until(() => proxy.stats.applied.blackhole === 1)
    expect(proxy.stats.bytesUp).toBe(1)
    expect(target.received()).toBe('a')
    proxy.heal('blackhole')

    expect(await client.received(2)).toBe('ab')
  })

  it('holds the end of a connection too', async () => {
    const { proxy, target, client } = await connected()
    const [atTarget] = target.sockets

    proxy.blackhole()
    client.socket.end('b')
    await until(() => proxy.stats.applied.blackhole === 1)
    await until(() => client.socket.writableFinished)
    await manyTurns()
    expect(atTarget?.readableEnded).toBe(false)
    proxy.heal()

    expect(await client.ended).toBe('end')
    expect(target.received()).toBe('ab')
  })

  it('holds a reset by the target back until it is healed', async () => {
    const { proxy, target, client } = await connected()
    const [atTarget] = target.sockets

    proxy.blackhole()
    atTarget?.resetAndDestroy()
    await until(() => target.sockets.size === 0)
    await manyTurns()
    expect(client.socket.destroyed).toBe(false)
    proxy.heal()

    expect(await client.ended).toBe('ECONNRESET')
  })

  it('healed alone leaves the other faults in force', async () => {
    const clock = new SimClock()
    const { proxy, open } = await start({ clock })
    proxy.latency({ delayMs: 100, direction: 'down' })
    proxy.blackhole()
    proxy.heal('blackhole')
    const client = open()
    client.socket.write('a')
    await until(() => proxy.stats.applied.latency === 1)

    await clock.advance(99)
    expect(proxy.stats.bytesDown).toBe(0)
    await clock.advance(1)

    expect(await client.received(1)).toBe('a')
    expect(proxy.stats.applied.blackhole).toBe(0)
  })
})
