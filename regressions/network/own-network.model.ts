/** Programs with a network of their own, for faults that nobody else may feel. For tests only. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { onTestFinished, test } from 'vitest'
import { STRICT } from '../process/strict.model.js'
import { bundled } from './bundled.model.js'

const LIMIT_MS = 30_000

/** What each of these programs needs from the system, tried in a network that is gone at once. */
const NEEDS = `
ip link set lo up
ip link add link0 type veth peer name link1
iptables -A INPUT -i lo -p tcp -m statistic --mode random --probability 0.5 -j DROP -m comment --comment rule
iptables -A OUTPUT -p tcp -j REJECT --reject-with icmp-host-unreachable
nsenter --net --target $$ true`

const missing = whatIsMissing()

/** A test whose program has a network of its own; where none can be had, it is skipped, and its title says why. */
export function networkTest(title: string, check: () => Promise<void>): void {
  const reason = missing === undefined ? '' : ` [skipped: ${missing}]`
  test.skipIf(missing !== undefined)(title + reason, { timeout: LIMIT_MS + 5_000 }, check)
}

/**
 * What is returned runs the program in a network of its own and resolves with what it reports, a line of JSON at its end. Rejects when
 * it ends in another way, or warns of anything, with what it said. No network outlives the programs in it, and none of
 * these outlives the test.
 */
export function inOwnNetwork<Report, Args extends readonly (string | number)[] = []>(
  program: URL,
): (...args: Args) => Promise<Report> {
  return async (...args) => JSON.parse(await reportOf(program, args.map(String))) as Report
}

async function reportOf(program: URL, args: readonly string[]): Promise<string> {
  const command = ['--net', process.execPath, ...STRICT, await bundled(program), ...args]
  const child = spawn('unshare', command, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  const [said, errors, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  if (code === 0 && errors === '') return said
  const how = signal ?? String(code)
  throw new Error(`${fileURLToPath(program)} ended with ${how}\n${said}${errors}`)
}

function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux') return 'networks of their own are made on Linux'
  const { error, status, stderr } = spawnSync('unshare', ['--net', 'sh', '-ec', NEEDS], { encoding: 'utf8' })
  if (status === 0) return undefined
  return `no network of its own here: ${error?.message ?? stderr.trim()}`
}
