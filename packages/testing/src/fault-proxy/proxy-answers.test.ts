import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { SimClock } from '../sim-clock.js'
import { ProxyLab, until } from './fault-proxy.model.js'

const lab = new ProxyLab()
const start = lab.start.bind(lab)

afterEach(() => lab.close())

describe('answers of choice', () => {
  const ask = (url: string): Promise<[number | undefined, string | undefined]> =>
    new Promise((resolve, reject) => {
      request(url, { agent: false }, (response) => {
        response.resume()
        resolve([response.statusCode, response.headers.location])
      })
        .once('error', reject)
        .end()
    })
  const http = (): Buffer => Buffer.from('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')

  it('come in place of the target, as often as told, for the paths told', async () => {
    const { proxy, target } = await start({}, http)
    const url = proxy.url.replace('tcp:', 'http:')
    proxy.answer({ status: 302, headers: { location: '/x' }, path: '/apps', count: 1 })

    expect(await ask(`${url}/other`)).toEqual([200, undefined])
    expect(await ask(`${url}/apps?a=1`)).toEqual([302, '/x'])
    expect(await ask(`${url}/apps?a=1`)).toEqual([200, undefined])
    expect(target.received()).not.toContain('302')
    expect(proxy.stats.applied.answer).toBe(1)
  })

  it('come also when there is no target', async () => {
    const { proxy, target, open } = await start({}, http)
    await target.stop()
    proxy.answer({ status: 503, body: 'no' })
    const client = open()
    await until(() => proxy.stats.open === 1)
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))

    client.socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')

    expect(await client.ended).toBe('end')
    expect(Buffer.concat(client.pieces).toString()).toMatch(/^HTTP[/]1[.]1 503 .*\r\n\r\nno$/s)
  })

  it.each([
    ['that was not told', { status: 503, path: '/apps' }, '/other'],
    ['after the last that was told', { status: 503, count: 1 }, '/'],
  ])(
    'leave a request %s to a target that is not there: its client is cut off',
    async (_which, fault, path) => {
      const { proxy, target } = await start({}, http)
      await target.stop()
      const url = proxy.url.replace('tcp:', 'http:')
      proxy.answer(fault)

      expect((await ask(`${url}/apps`))[0]).toBe(503)
      await expect(ask(`${url}${path}`)).rejects.toMatchObject({ code: 'ECONNRESET' })
    },
  )

  it('are under the other faults as answers of the target are', async () => {
    const clock = new SimClock()
    const { proxy } = await start({ clock }, http)
    const url = proxy.url.replace('tcp:', 'http:')
    proxy.answer({ status: 503 })
    proxy.latency({ delayMs: 100, direction: 'down' })
    proxy.blackhole()

    const answer = ask(url)
    await until(() => proxy.stats.applied.answer === 1)
    await clock.advance(100)
    expect(proxy.stats.bytesDown).toBe(0)
    proxy.heal('blackhole')

    expect((await answer)[0]).toBe(503)
    expect(proxy.stats.applied).toMatchObject({ latency: 1, blackhole: 1 })
  })
})
