/** Rows 31 and 43: a program that is frozen, and one that dies while it registers. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { EmbeddedEureka, FaultProxy, RecordedRequest } from '@breakwater/testing'
import { expect, onTestFinished, test } from 'vitest'
import { bundled } from '../network/bundled.model.js'
import { STRICT } from '../process/strict.model.js'
import { eventually, FAR_MS, startEureka, startLine } from './faults.model.js'

const PERIOD_MS = 500
/** So long that a heartbeat for each missed period would be seen. */
const FROZEN_MS = 4_000
const ID = '127.0.0.1:users:9001'

interface Program {
  readonly child: ChildProcess
  readonly said: () => string
}

/** A program of its own that registers at this server and goes on for ever. */
async function register(url: string): Promise<Program> {
  const program = await bundled(new URL('r31-r43-registers.program.ts', import.meta.url))
  const child = spawn(process.execPath, [...STRICT, program, url, String(PERIOD_MS)])
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  onTestFinished(() => kill(child))
  return { child, said: () => said }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** Two periods go by. */
async function renewedTwice(eureka: EmbeddedEureka): Promise<void> {
  const renewals = (): number =>
    eureka.requests.filter(({ route, status }) => route === 'heartbeat' && status === 200).length
  const before = renewals()
  await eventually(() => renewals() >= before + 2, 'the heartbeats')
}

test(
  'row 31: a frozen program comes back without a burst, and is registered within a period',
  { timeout: 60_000 },
  async () => {
    const eureka = await startEureka()
    const { child, said } = await register(eureka.url)
    await eventually(() => said().includes('started'), 'the start')
    expect(said()).toBe('started\n')

    child.kill('SIGSTOP')
    await eventually(() => eureka.instances.length === 0, 'the end of the lease')
    await new Promise((resolve) => setTimeout(resolve, FROZEN_MS))
    eureka.clearRequests()
    child.kill('SIGCONT')
    await eventually(() => eureka.instances.length === 1, 'the registration')

    await renewedTwice(eureka)
    const asked = (wanted: RecordedRequest['route']): number =>
      eureka.requests.filter(({ route }) => route === wanted).length
    expect(asked('register')).toBe(1)
    // One that was under way, one that was due, and one a period: not one for each period that it missed.
    expect(asked('heartbeat')).toBeLessThan(FROZEN_MS / PERIOD_MS)
    expect(asked('delta') + asked('apps')).toBeLessThanOrEqual(2 * asked('heartbeat') + 2)
  },
)

/** Makes the registration stop half-way, and tells whether it has. */
type Stall = (eureka: EmbeddedEureka, line: FaultProxy) => () => boolean

test.each<[string, Stall]>([
  [
    'before the server took it',
    (eureka) => {
      const slow = eureka.fault('register', { kind: 'delay', delayMs: FAR_MS })
      return () => slow.hits === 1
    },
  ],
  [
    'before it heard that the server had taken it',
    (eureka, line) => {
      line.latency({ delayMs: FAR_MS, direction: 'down' })
      return () => eureka.instances.length === 1 && line.stats.applied.latency > 0
    },
  ],
])(
  'row 43: a program that died while it registered, %s, is there once, under its id, after its next start',
  { timeout: 60_000 },
  async (_when, stall) => {
    const eureka = await startEureka()
    const line = await startLine(eureka.url)
    const isHalfWay = stall(eureka, line)
    const { child, said } = await register(line.url)
    await eventually(isHalfWay, 'the registration')
    await kill(child)
    expect([child.signalCode, said()]).toEqual(['SIGKILL', ''])
    eureka.heal()
    line.heal()

    const next = await register(line.url)
    await eventually(() => next.said().includes('started'), 'the second start')
    await renewedTwice(eureka)

    expect(
      eureka.instances.map(({ instanceId, status }) => `${String(instanceId)} ${String(status)}`),
    ).toEqual([`${ID} UP`])
  },
)
