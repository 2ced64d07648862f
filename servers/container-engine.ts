/**
 * An engine for containers: the one of the machine, or one of our own for as long as a suite runs, where `dockerd` may be started.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { notOnPath, runCommand } from './prepared-program.ts'

const SOCKET = '/var/run/docker.sock'
const BRIDGE = '/sys/class/net/docker0'
const START_MS = 60_000
const STOP_MS = 20_000

/** An engine that answers; `stop` ends it if it is ours. */
export interface Engine {
  stop(): Promise<void>
}

/** Why no engine can be had here; `undefined` when one can. */
export async function missingEngine(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'containers on the network of the host need Linux'
  const host = process.env['DOCKER_HOST']
  if (host !== undefined) {
    return host.startsWith('unix:')
      ? undefined
      : 'the engine of DOCKER_HOST is on another machine, with another network'
  }
  if (await answers(SOCKET)) return undefined
  const [tool] = notOnPath('dockerd', 'unshare')
  if (tool !== undefined) {
    return `no engine for containers answers, and there is no ${tool} to start one (Debian: apt-get install --no-install-recommends docker.io)`
  }
  return process.getuid?.() === 0
    ? undefined
    : 'no engine for containers answers, and dockerd starts as root only'
}

/** An engine for `testcontainers` in this process. */
export async function startEngine(): Promise<Engine> {
  // The image of its helper that cleans up cannot be had without a registry. We end what we start.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'
  if (process.env['DOCKER_HOST'] !== undefined || (await answers(SOCKET)))
    return { stop: () => Promise.resolve() }
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-engine-'))
  const socket = join(folder, 'docker.sock')
  const hadBridge = existsSync(BRIDGE)
  // What it mounts is seen by it alone, and goes with it.
  const daemon = spawn('unshare', ['--mount', 'dockerd', ...argumentsOf(folder, socket)], { stdio: 'ignore' })
  const engine = { stop: () => stopped(daemon, folder, hadBridge) }
  const until = performance.now() + START_MS
  while (!(await answers(socket))) {
    if (daemon.exitCode !== null || performance.now() > until) {
      await engine.stop()
      throw new Error('dockerd did not start')
    }
    await wait(100)
  }
  process.env['DOCKER_HOST'] = `unix://${socket}`
  return engine
}

/** It leaves the firewall of the machine alone: containers share the network of the host. */
function argumentsOf(folder: string, socket: string): string[] {
  return [
    ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
    ...['--pidfile', join(folder, 'pid'), '-H', `unix://${socket}`],
    ...['--iptables=false', '--ip6tables=false', '--ip-forward=false'],
  ]
}

async function stopped(daemon: ChildProcess, folder: string, hadBridge: boolean): Promise<void> {
  delete process.env['DOCKER_HOST']
  if (daemon.exitCode === null) {
    const ended = once(daemon, 'exit')
    daemon.kill('SIGTERM')
    await Promise.race([ended, wait(STOP_MS, undefined, { ref: false })])
    daemon.kill('SIGKILL')
  }
  rmSync(folder, { recursive: true, force: true })
  // A bridge that was not there before would stay.
  if (hadBridge || !existsSync(BRIDGE) || notOnPath('ip').length > 0) return
  await runCommand('ip', ['link', 'delete', 'docker0'], { cwd: tmpdir(), timeoutMs: STOP_MS })
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request({ socketPath, path: '/_ping', timeout: 2_000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    ping.on('timeout', () => ping.destroy())
    ping.on('error', () => {
      resolve(false)
    })
    ping.end()
  })
}
