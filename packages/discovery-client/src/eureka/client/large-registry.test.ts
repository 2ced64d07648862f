import { systemClock } from '@breakwater/kernel'
import { gzip } from 'node:zlib'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { hostileServer } from '../../transport/hostile-server.model.js'
import { EurekaClient } from './eureka-client.js'
import { answerOf, fullAnswer, INSTANCES, wireInstance } from './large-registry.model.js'
import { TurnWatch } from './turn-watch.model.js'

const CHANGED = INSTANCES / 100
const POLLS = 50
const WARM_UP = 5
const MIB = 2 ** 20
const HOLD_LIMIT_MS = 20
/** The compiler and other processes only ever make a turn longer: of equal turns the shortest tells. */
const ROUNDS = 3

test(
  '10 000 instances, 1 % changed at each poll: no long hold of the loop, no growth',
  { timeout: 120_000 },
  async () => {
    const pack = promisify(gzip)
    const full = await pack(fullAnswer())
    const deltas = await Promise.all(
      Array.from({ length: WARM_UP + ROUNDS * POLLS }, (_, poll) =>
        pack(
          answerOf(
            Array.from({ length: CHANGED }, (_, at) =>
              wireInstance((poll * CHANGED + at) % INSTANCES, poll + 1),
            ),
          ),
        ),
      ),
    )
    let poll = 0
    const server = await hostileServer((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      response.end(request.url?.includes('delta') === true ? deltas[poll++] : full)
    })
    const client = new EurekaClient({ serviceUrls: [server.url], clock: systemClock })
    onTestFinished(() => client.stop())
    const errors: unknown[] = []
    client.on('error', (error) => errors.push(error))

    await client.start()
    expect(client.registryOf()?.size).toBe(INSTANCES)
    for (let warmUp = 0; warmUp < WARM_UP; warmUp++) await client.refresh()
    const heapBefore = await heapAfterCollection()
    const longest: number[] = new Array<number>(POLLS).fill(Infinity)
    for (let round = 0; round < ROUNDS; round++) {
      for (let turn = 0; turn < POLLS; turn++) {
        const watch = new TurnWatch().start()
        await client.refresh()
        longest[turn] = Math.min(longest[turn]!, Math.max(...(await watch.stop())))
      }
    }
    const grown = (await heapAfterCollection()) - heapBefore

    expect(errors).toEqual([])
    expect(server.requests.filter((line) => !line.includes('delta'))).toHaveLength(1)
    expect(client.instance('host-0.internal:svc:8080')?.metadata['version']).not.toBe('0')
    expect(poll).toBe(WARM_UP + ROUNDS * POLLS)
    expect(Math.max(...longest)).toBeLessThan(HOLD_LIMIT_MS)
    expect(grown).toBeLessThan(4 * MIB)
  },
)

test('the first fetch of 10 000 instances breathes too', { timeout: 60_000 }, async () => {
  const pack = promisify(gzip)
  const full = await pack(fullAnswer())
  const server = await hostileServer((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(full)
  })
  // The compiler is warm in a service that polls.
  for (let round = 0; round < 3; round++) {
    const warm = new EurekaClient({ serviceUrls: [server.url], clock: systemClock })
    await warm.start()
    await warm.stop()
  }
  const longest: number[] = []

  for (let round = 0; round < ROUNDS; round++) {
    const client = new EurekaClient({ serviceUrls: [server.url], clock: systemClock })
    onTestFinished(() => client.stop())
    const watch = new TurnWatch().start()
    await client.start()
    longest.push(Math.max(...(await watch.stop())))

    expect(client.registryOf()?.size).toBe(INSTANCES)
    await client.stop()
    expect(watch.count).toBeGreaterThan(5)
  }

  expect(Math.min(...longest)).toBeLessThan(HOLD_LIMIT_MS)
})

async function heapAfterCollection(): Promise<number> {
  // Without --expose-gc the collector is only asked by pressure; a context of its own has it.
  const { setFlagsFromString } = await import('node:v8')
  const { runInNewContext } = await import('node:vm')
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed
}
