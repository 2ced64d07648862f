import { systemClock } from '@breakwater/kernel'
import type { Clock } from '@breakwater/kernel'
import { TextDecoder } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { hostileServer } from '../../transport/hostile-server.model.js'
import { EurekaClient } from './eureka-client.js'
import { fullAnswer, INSTANCES } from './large-registry.model.js'

afterEach(() => {
  vi.restoreAllMocks()
})

/** A clock that also moves by a millisecond whenever it is read: so a turn of the loop has few steps, and steps can be counted. */
class CountingClock implements Clock {
  reads = 0

  now(): number {
    this.reads++
    return systemClock.now() + this.reads
  }

  epochNow(): number {
    return systemClock.epochNow()
  }

  schedule(...args: Parameters<Clock['schedule']>): ReturnType<Clock['schedule']> {
    return systemClock.schedule(...args)
  }
}

/** The most characters or bytes that were decoded, parsed or put together in one go. */
function watchLargestPiece(): () => number {
  let largest = 0
  const note = (length: number): void => {
    largest = Math.max(largest, length)
  }
  const { parse } = JSON
  const { concat } = Buffer
  const decode = Object.getOwnPropertyDescriptor(TextDecoder.prototype, 'decode')
    ?.value as TextDecoder['decode']
  vi.spyOn(JSON, 'parse').mockImplementation((text: string) => {
    note(text.length)
    return parse(text) as unknown
  })
  vi.spyOn(Buffer, 'concat').mockImplementation((list, ...rest) => {
    note(list.reduce((sum, { length }) => sum + length, 0))
    return concat(list, ...rest)
  })
  vi.spyOn(TextDecoder.prototype, 'decode').mockImplementation(function (this: TextDecoder, bytes, options) {
    note(bytes?.byteLength ?? 0)
    return decode.call(this, bytes, options)
  })
  return () => largest
}

test.each<[string, (text: string) => Buffer, string | undefined]>([
  ['packed', (text) => gzipSync(text), 'gzip'],
  ['plain', (text) => Buffer.from(text), undefined],
])(
  'a first fetch of 10 000 instances, %s: nothing is done to the whole answer in one go, and there are many turns',
  { timeout: 60_000 },
  async (_how, pack, encoding) => {
    const text = fullAnswer()
    const body = pack(text)
    const server = await hostileServer((_request, response) => {
      response.writeHead(200, encoding === undefined ? {} : { 'content-encoding': encoding }).end(body)
    })
    const clock = new CountingClock()
    const client = new EurekaClient({ serviceUrls: [server.url], clock, readTimeoutMs: 60_000 })
    onTestFinished(() => client.stop())
    let turns = 0
    let next = setImmediate(function turn() {
      turns++
      next = setImmediate(turn)
    })
    const largestPiece = watchLargestPiece()

    await client.start()
    clearImmediate(next)

    expect(client.registryOf()?.size).toBe(INSTANCES)
    expect(largestPiece()).toBeLessThanOrEqual(64 * 1_024)
    // A step for some 32 Ki characters, for 32 instances read, for 64 sorted in, and for an application.
    const steps = text.length / 65_536 + INSTANCES / 32 + INSTANCES / 64
    expect(clock.reads).toBeGreaterThan(steps)
    expect(turns).toBeGreaterThan(steps / 6)
  },
)
