import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { SimClock } from '../sim-clock.js'
import { EurekaLab } from './eureka-lab.model.js'
import { json, lines, list, registration } from './eureka.model.js'
import type { EurekaFault, FaultRoute } from './faults.js'

const lab = new EurekaLab()
const HEARTBEAT = 'apps/users/h1:users:9001'

afterEach(lab.close)

const code = (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => 'answered',
    (error: unknown) => (error as NodeJS.ErrnoException).code,
  )

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('a fault', () => {
  it('meets its operation only, as often as told', async () => {
    const { url, fault } = bound(await lab.start())
    const active = fault('heartbeat', {
      kind: 'answer',
      status: 404,
      body: '<html>',
      headers: { 'x-a': 'b' },
      count: 2,
    })
    await json('POST', `${url}apps/users`, registration())

    const answers = [
      await json('PUT', url + HEARTBEAT),
      await json('PUT', url + HEARTBEAT),
      await json('PUT', url + HEARTBEAT),
    ]

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 200])
    expect(answers[0]).toMatchObject({ text: '<html>', headers: { 'x-a': 'b' } })
    expect(active.hits).toBe(2)
  })

  it('ends when it is healed, alone or with all', async () => {
    const { url, fault, heal } = bound(await lab.start())
    const lists = fault('lists', { kind: 'answer', status: 503 })
    fault('any', { kind: 'answer', status: 500 })
    const status = async (): Promise<number> => (await json('GET', `${url}apps/`)).status

    expect(await status()).toBe(503)
    lists.heal()
    expect(await status()).toBe(500)
    heal()
    expect(await status()).toBe(200)
    expect(lists.hits).toBe(1)
  })

  it('of delay holds the request back for so long, on top of others', async () => {
    const clock = new SimClock()
    const { url, fault, requests } = bound(await lab.start({ clock, speed: 100 }))
    fault('apps', { kind: 'delay', delayMs: 100 })
    fault('any', { kind: 'delay', delayMs: 50 })
    let status = 0

    const answered = json('GET', `${url}apps/`).then((answer) => (status = answer.status))
    while (requests().length === 0) await turns(1)
    await clock.advance(149)
    await turns(20)
    expect(status).toBe(0)
    await clock.advance(1)

    expect(await answered).toBe(200)
  })

  it('of hanging gives no answer until the server stops', async () => {
    const eureka = await lab.start()
    eureka.fault('apps', { kind: 'hang' })

    const answer = code(json('GET', `${eureka.url}apps/`))
    while (eureka.requests.length === 0) await turns(1)
    expect(await Promise.race([answer, turns(20)])).toBeUndefined()
    expect(eureka.requests[0]?.status).toBeUndefined()
    await eureka.stop()

    expect(await answer).toBe('ECONNRESET')
  })

  it.each([
    [{}, 0],
    [{ afterwards: true }, 1],
  ])('of dropping %o resets the connection, with %i registered', async (options, registered) => {
    const eureka = await lab.start()
    eureka.fault('register', { kind: 'drop', ...options })

    expect(await code(json('POST', `${eureka.url}apps/users`, registration()))).toBe('ECONNRESET')
    expect(eureka.instances).toHaveLength(registered)
  })

  it('of delay does nothing for a client that has left meanwhile', async () => {
    const clock = new SimClock()
    const eureka = await lab.start({ clock })
    const delay = eureka.fault('register', { kind: 'delay', delayMs: 100 })
    const headers = { 'content-type': 'application/json' }
    const call = request(`${eureka.url}apps/users`, { method: 'POST', headers, agent: false })
    call.once('error', () => undefined).end(JSON.stringify(registration()))
    while (delay.hits === 0) await turns(1)

    call.destroy()
    while (clock.pending.timers > 0) await turns(1)
    await turns(20)

    expect(eureka.instances).toEqual([])
  })

  it.each([
    [{ share: 0.2 }, 0.2],
    [{}, 0.5],
  ])('of truncation %o ends the connection after %d of the body', async (options, share) => {
    const eureka = await lab.start({ flavour: 'spring' })
    eureka.register({ appName: 'users', metadata: { long: 'x'.repeat(1_000) } })
    eureka.fault('apps', { kind: 'truncate', ...options })
    let received = 0
    const cut = new Promise<number>((resolve, reject) => {
      const headers = { accept: 'application/json' }
      const call = request(`${eureka.url}apps/`, { headers, agent: false }, (response) => {
        response.on('data', (chunk: Buffer) => (received += chunk.length))
        response.once('error', () => {
          resolve(Number(response.headers['content-length']))
        })
      })
      call.once('error', reject).end()
    })

    const length = await cut
    expect(received).toBe(Math.floor(length * share))
  })

  it('of slowness sends so many bytes at a time', async () => {
    const clock = new SimClock()
    const eureka = await lab.start({ clock })
    eureka.fault('vip', { kind: 'slow', everyMs: 10, bytes: 20 })
    let isAnswered = false

    const answering = json('GET', `${eureka.url}vips/none`).finally(() => (isAnswered = true))
    while (clock.pending.background === 0) await turns(1)
    await clock.advance(10)
    await turns(20)
    expect(isAnswered).toBe(false)
    let pieces = 2
    for (; clock.pending.background > 0; pieces++) await clock.advance(10)

    const { headers, text } = await answering
    expect(text).toContain('"applications"')
    expect(pieces).toBe(Math.ceil(Number(headers['content-length']) / 20))
  })

  it.each<[EurekaFault, RegExp]>([
    [{ kind: 'garbage' }, /^<!doctype html>/],
    [
      { kind: 'emptyRegistry' },
      /^{"applications":{"versions__delta":"1","apps__hashcode":"","application":\[\]}}$/,
    ],
    [{ kind: 'wrongHash' }, /"apps__hashcode":"UP_(?!1_)\d+_"/],
  ])('%o spoils a list', async (fault, expected) => {
    const eureka = await lab.start()
    eureka.register({ appName: 'users' })
    eureka.fault('delta', fault)

    expect((await json('GET', `${eureka.url}apps/delta`)).text).toMatch(expected)
    expect(lines(await list(`${eureka.url}apps/`))).toHaveLength(1)
  })

  it.each<[EurekaFault, readonly number[], RegExp]>([
    [{ kind: 'garbage' }, [200, 200], /^<!doctype html>/],
    [{ kind: 'emptyRegistry' }, [204, 404], /^$/],
  ])('%o on a registration and a heartbeat of nobody is answered with %j', async (fault, statuses, text) => {
    const eureka = await lab.start()
    eureka.fault('any', fault)

    const answers = [
      await json('POST', `${eureka.url}apps/users`, registration()),
      await json('PUT', `${eureka.url}apps/users/nobody`),
    ]

    expect(answers.map(({ status }) => status)).toEqual(statuses)
    expect(eureka.requests.map(({ status }) => status)).toEqual(statuses)
    for (const answer of answers) {
      expect(answer.text).toMatch(text)
      expect(answer.headers['content-type']).toBe('application/json')
    }
  })

  it.each<[FaultRoute, object, string]>([
    ['heartbeats' as FaultRoute, { kind: 'hang' }, 'on'],
    ['any', { kind: 'explode' }, 'kind'],
    ['any', {}, 'kind'],
    ['any', { kind: 'answer' }, 'status'],
    ['any', { kind: 'delay' }, 'delayMs'],
    ['any', { kind: 'slow', everyMs: -1 }, 'everyMs'],
    ['any', { kind: 'hang', count: 0 }, 'count'],
    ['any', { kind: 'truncate', share: 2 }, 'share'],
  ])('on %s of %o is refused for its %s', async (on, fault, path) => {
    const eureka = await lab.start()

    expect(() => eureka.fault(on, fault as EurekaFault)).toThrow(
      expect.objectContaining({
        issues: expect.arrayContaining([expect.objectContaining({ path })]) as object,
      }) as Error,
    )
  })
})

function bound(eureka: Awaited<ReturnType<typeof lab.start>>): {
  readonly url: string
  readonly fault: typeof eureka.fault
  readonly heal: () => void
  readonly requests: () => typeof eureka.requests
} {
  return {
    url: eureka.url,
    fault: eureka.fault.bind(eureka),
    heal: eureka.heal.bind(eureka),
    requests: () => eureka.requests,
  }
}
