/** A real Prometheus reads a real page and is asked what it has understood. */
import { createRuntime } from '@breakwater/kernel'
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { freePort } from '../../../servers/free-ports.ts'
import { executions, fakeBreaker, fakeBulkhead, fakeCommand, latencies } from './fake-instruments.model.js'
import { metricsHandler } from './metrics-handler.js'
import { renderPrometheus } from './render-prometheus.js'

const PATIENCE = { timeout: 60_000, interval: 200 }
const LONG = { timeout: 70_000 }
const HOSTILE = [
  'we"ird\\name',
  'two\nlines',
  'x,b:y="z"',
  '\0\r\u2028',
  '名前 🙂',
  '\ud800',
  'x'.repeat(300),
  '',
]

function onPath(program: string): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program))
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

const prometheus = onPath('prometheus')
const promtool = onPath('promtool')
const missing = prometheus === undefined || promtool === undefined
const reason = 'no prometheus and promtool on the path (Debian: apt-get install prometheus)'

const runtime = createRuntime()
const folder = mkdtempSync(join(tmpdir(), 'breakwater-prometheus-'))
let servers: Server[] = []
let child: ChildProcess | undefined
let url = ''

beforeAll(async () => {
  if (missing) return
  fillRuntime()
  const text = await listen((request) => ({ ...request.headers, accept: 'text/plain' }))
  const open = await listen((request) => request.headers)
  const port = await freePort()
  const scrapes = [job('text', text), job('open', open)].join('')
  writeFileSync(join(folder, 'prometheus.yml'), `global:\n  scrape_interval: 1s\nscrape_configs:\n${scrapes}`)
  url = `http://127.0.0.1:${String(port)}`
  const options = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${String(port)}`,
    '--log.level=warn',
  ]
  child = spawn(prometheus, options, { stdio: 'ignore' })
  await vi.waitFor(async () => {
    expect(await targets()).toEqual([
      { job: 'open', health: 'up', lastError: '' },
      { job: 'text', health: 'up', lastError: '' },
    ])
  }, PATIENCE)
}, 70_000)

/** Its value: where the machine stands still a scrape fails, and the next one does not. */
const told = (expression: string): ReturnType<typeof expect.poll> =>
  expect.poll(() => query(expression), PATIENCE)

afterAll(async () => {
  if (child?.exitCode === null) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  for (const server of servers) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  servers = []
  rmSync(folder, { recursive: true, force: true })
})

test('a machine of the project has Prometheus', ({ skip }) => {
  if (missing && process.env['CI'] === undefined) skip(reason)

  expect(missing ? reason : 'there').toBe('there')
})

test.skipIf(missing)('reads both formats without a fault', LONG, async () => {
  await told('sum(up)').toBe(2)
  await told('count(breakwater_build_info)').toBe(2)
})

test.skipIf(missing)('understands every number as it was meant', LONG, async () => {
  for (const name of ['text', 'open']) {
    const of = (labels: string): string => `{job="${name}",${labels}}`
    await told(
      `breakwater_command_executions_total${of('command="GetUser",group="users",outcome="success"')}`,
    ).toBe(3)
    await told(`breakwater_circuit_breaker_state${of('command="GetUser",state="open"')}`).toBe(1)
    await told(`sum(breakwater_circuit_breaker_state${of('command="GetUser"')})`).toBe(1)
    await told(`breakwater_circuit_breaker_sleep_window_seconds${of('command="for ever"')}`).toBe(Infinity)
    await told(`breakwater_bulkhead_active${of('bulkhead="pool"')} / breakwater_bulkhead_limit`).toBe(0.25)
    // 100 latencies between 0 and the timeout, which is a bound: the median lies in the middle bucket.
    await told(
      `histogram_quantile(0.5, breakwater_command_duration_seconds_bucket${of('command="GetUser"')})`,
    ).toSatisfy((median: number) => median > 0.25 && median <= 0.5)
    await told(`breakwater_command_duration_seconds_count${of('command="GetUser"')}`).toBe(100)
  }
})

test.skipIf(missing)('tells hostile names apart', LONG, async () => {
  await told('count(breakwater_command_concurrent_executions{job="open"})').toBe(HOSTILE.length + 1)
  const shown = await labelValues('command')

  expect(shown).toEqual(
    expect.arrayContaining(['we"ird\\name', 'two\nlines', 'x,b:y="z"', '\0\r\u2028', '名前 🙂']),
  )
})

test.skipIf(missing)('promtool finds nothing to criticise', () => {
  const input = renderPrometheus({ runtime })

  const { status, stdout, stderr } = spawnSync(promtool ?? '', ['check', 'metrics'], {
    input,
    encoding: 'utf8',
  })

  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
})

function fillRuntime(): void {
  fakeCommand(
    runtime,
    { name: 'GetUser', group: 'users' },
    {
      executions: executions({ success: 3 }),
      latency: latencies(...Array.from({ length: 100 }, (_, index) => index * 8)),
      timeoutMs: 800,
    },
  )
  fakeBreaker(runtime, { name: 'GetUser', group: 'users' }, { state: 'open', openMs: 5_000 })
  fakeBreaker(runtime, { name: 'for ever' }, { openMs: Infinity })
  fakeBulkhead(runtime, { name: 'pool' }, { active: 2, limit: 8 })
  for (const name of HOSTILE) fakeCommand(runtime, { name })
}

async function listen(headersOf: (request: { headers: object }) => object): Promise<number> {
  const handler = metricsHandler({ runtime })
  const server = createServer((request, response) => {
    Object.assign(request.headers, headersOf(request))
    handler(request, response)
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function job(name: string, port: number): string {
  return `  - job_name: ${name}\n    static_configs: [{ targets: ['127.0.0.1:${String(port)}'] }]\n`
}

/** The value of an expression that has one; NaN while it has none. */
async function query(expression: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`)
  const answer = (await response.json()) as { data: { result: { value: [number, string] }[] } }
  const [result, ...others] = answer.data.result
  if (others.length > 0) throw new Error(`${expression} has ${String(others.length + 1)} values`)
  return Number((result?.value[1] ?? 'NaN').replace('Inf', 'Infinity'))
}

async function targets(): Promise<{ job: string; health: string; lastError: string }[]> {
  interface Target {
    readonly labels: { readonly job: string }
    readonly health: string
    readonly lastError: string
  }
  const response = await fetch(`${url}/api/v1/targets`)
  const { data } = (await response.json()) as { data: { activeTargets: Target[] } }
  return data.activeTargets
    .map(({ labels: { job }, health, lastError }) => ({ job, health, lastError }))
    .sort((a, b) => a.job.localeCompare(b.job))
}

async function labelValues(label: string): Promise<string[]> {
  const response = await fetch(`${url}/api/v1/label/${label}/values`)
  return ((await response.json()) as { data: string[] }).data
}
