import { EmbeddedEureka, SimClock } from '@breakwater/testing'
import type { EmbeddedEurekaOptions } from '@breakwater/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { SCENARIOS } from './catalogue.ts'
import { readArguments } from './command-line.ts'
import type { Flavour } from './lab.ts'
import { describe as line, runScenarios } from './runner.ts'
import type { Result, RunOptions } from './runner.ts'

const servers: EmbeddedEureka[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()))
})

/** Runs them against a pair whose time passes only while a scenario waits. */
async function run(
  options: EmbeddedEurekaOptions,
  only?: readonly number[],
  more?: Partial<RunOptions>,
): Promise<Result[]> {
  const clock = new SimClock()
  const [server, peer] = await EmbeddedEureka.startPair({ ...options, clock })
  servers.push(server, peer)
  return runScenarios({
    url: server.url,
    peerUrl: peer.url,
    flavour: options.flavour ?? 'netflix',
    run: 'test',
    parts: ['wire'],
    settleMs: 5_000,
    only,
    pause: async (ms) => {
      await clock.advance(ms)
      // What peers tell each other goes over sockets, which no clock moves.
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    },
    ...more,
  })
}

const ON_THE_WIRE = SCENARIOS.filter(({ wire }) => wire !== undefined).map(({ number }) => number)

describe.each<Flavour>(['netflix', 'spring'])(
  'the scenarios, told to an embedded server of %s',
  (flavour) => {
    it.each(ON_THE_WIRE)('%i passes', async (number) => {
      const [result] = await run({ flavour }, [number])

      expect(result).toEqual({ number, title: result?.title, outcome: 'passed' })
    })

    it('pass with pages that are up to a second old', async () => {
      const results = await run({ flavour, responseCacheUpdateIntervalMs: 1_000 }, [1, 6, 15, 23, 24])

      expect(results.map(({ outcome, reason }) => reason ?? outcome)).toEqual(
        Array.from({ length: 5 }, () => 'passed'),
      )
    })
  },
)

describe('the scenarios', () => {
  it('are thirty, each of them told by our client', () => {
    expect(SCENARIOS.map(({ number }) => number)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1))
    expect(SCENARIOS.filter(({ client }) => client === undefined)).toEqual([])
  })

  it.each([
    [5, { selfPreservation: true }],
    [15, { disableDelta: true }],
    [23, { waitTimeWhenSyncEmptyMs: 60_000 }],
  ])('%i fails on a server that does otherwise: %o', async (number, options) => {
    const [result] = await run(options, [number])

    expect(result?.outcome).toBe('failed')
  })

  it('take away what they have registered', async () => {
    await run({}, [1, 10, 23])

    expect(servers[0]?.instances).toEqual([])
  })

  it('that cannot run say what they need', async () => {
    const results = await run({}, [2, 7, 18], {
      parts: ['wire', 'client'],
      missing: { 'the Java client': 'no java' },
    })

    expect(results.map(line)).toEqual([
      'skipped  2 is read by the Java client: needs the Java client: no java',
      'skipped  7 registers again after a restart of the server: needs control of the server',
      'passed  18 finds on one peer what another was told: in part: needs control of the server',
    ])
  })
})

const WHICH_URL = '--url has to be a URL of http or https, with what it holds percent-encoded'

describe('the command line', () => {
  it.each<[string[], object | string]>([
    [['--url', 'http://h/eureka/v2/'], { flavour: 'netflix', settleMs: 5_000, only: undefined }],
    [['--url', 'http://h/eureka'], { flavour: 'spring' }],
    [
      ['--url', 'http://h/eureka', '--flavour', 'netflix', '--only', '1,5'],
      { flavour: 'netflix', only: [1, 5] },
    ],
    [[], WHICH_URL],
    [['--url', 'ftp://h'], WHICH_URL],
    [['--url', 'https://user:%zz@h'], WHICH_URL],
    [['--url', 'https://user:pass@h/eureka/'], { flavour: 'spring', ca: undefined, insecure: false }],
    [
      ['--url', 'https://h', '--ca', import.meta.filename],
      { ca: expect.stringContaining('CA of this test') as string },
    ],
    [['--url', 'https://h', '--ca', 'nowhere'], '--ca is a file that can be read'],
    [['--url', 'http://h', '--peer', 'https://h', '--insecure'], { insecure: true }],
    [['--url', 'http://h', '--ca', import.meta.filename], '--ca and --insecure are for URLs of https'],
    [['--url', 'http://h', '--insecure'], '--ca and --insecure are for URLs of https'],
    [
      ['--url', 'https://h', '--insecure', '--ca', import.meta.filename],
      '--insecure checks no certificate, so there is nothing to do with --ca',
    ],
    [['--url', 'http://h', '--flavour', 'other'], '--flavour is netflix or spring'],
    [['--url', 'http://h', '--peer', 'x'], '--peer has to be a URL of http or https'],
    [['--url', 'http://h', '--only', 'a'], '--only is a list of numbers of scenarios, 1 to 30'],
    [['--url', 'http://h', '--only', '5,31'], '--only is a list of numbers of scenarios, 1 to 30'],
    [['--url', 'http://h', '--only', ''], '--only is a list of numbers of scenarios, 1 to 30'],
    [['--url', 'http://h', '--settle-ms', 'x'], '--settle-ms is a number of milliseconds'],
    [['--url', 'http://h', '--soak-ms', 'x'], '--soak-ms is a number of milliseconds'],
  ])('%o is read', (args, expected) => {
    const read = readArguments(args)

    if (typeof expected === 'string') expect(read).toEqual({ kind: 'fault', fault: expected })
    else expect(read).toMatchObject({ kind: 'run', options: expected })
  })

  it.each(['--help', '-h'])('is asked for help with %s', (option) => {
    expect(readArguments(['--url', 'ftp://h', option])).toEqual({ kind: 'help' })
  })

  it('says which option it does not know', () => {
    expect(readArguments(['--port', '1'])).toMatchObject({
      kind: 'fault',
      fault: expect.stringContaining("'--port'") as string,
    })
  })

  it.each([
    ['https://user:canary@h/eureka/'],
    ['--url', 'ftp://user:canary@h'],
    ['--url', 'https://user:c%zznary@h', 'https://user:p@canary@h'],
    ['--peer=https://user:canary@h', '--url'],
  ])('S6: shows no password when it is wrong: %o', (...args) => {
    const said = readArguments(args.flat())

    expect(said.kind).toBe('fault')
    expect(JSON.stringify(said)).not.toContain('canary')
  })
})
