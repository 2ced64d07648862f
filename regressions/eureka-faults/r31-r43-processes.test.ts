/** Rows 31 and 43: a program that is frozen, and one that dies while it registers. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { bundled } from '../network/bundled.model.js'
import { STRICT } from '../process/strict.model.js'
import { eventually, startEureka } from './faults.model.js'

const PERIOD_MS = 500
/** Longer than the server waits for a lease of a second: twice that, and its evictor. */
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

    // What was under way when it froze, one heartbeat, one registration, one fetch, and what follows within the wait.
    expect(eureka.requests.length).toBeLessThanOrEqual(6)
    expect(eureka.requests.filter(({ route }) => route === 'register')).toHaveLength(1)
    await new Promise((resolve) => setTimeout(resolve, 2 * PERIOD_MS))
    expect(eureka.requests.filter(({ route }) => route === 'register')).toHaveLength(1)
  },
)

test(
  'row 43: a program that died while it registered is there once, under its id, after its next start',
  { timeout: 60_000 },
  async () => {
    const eureka = await startEureka()
    const slow = eureka.fault('register', { kind: 'delay', delayMs: 1_000 })
    const { child } = await register(eureka.url)
    await eventually(() => slow.hits === 1, 'the registration')
    await kill(child)
    slow.heal()
    expect(child.signalCode).toBe('SIGKILL')

    const next = await register(eureka.url)
    await eventually(() => next.said().includes('started'), 'the second start')
    await new Promise((resolve) => setTimeout(resolve, 1_000))

    expect(
      eureka.instances.map(({ instanceId, status }) => `${String(instanceId)} ${String(status)}`),
    ).toEqual([`${ID} UP`])
  },
)
