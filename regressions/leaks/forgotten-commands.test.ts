/**
 * opossum's intervals and agents' sockets keep programs alive that forgot to shut them down. What the policies do is
 * tested in `process-life.test.ts` of the kernel; here the same of what is built from them.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Lets a bare Node run the sources: package names lead to `src`, `.js` to the file that it was made from. */
const hooks = `
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
registerHooks({
  resolve(specifier, context, next) {
    const own = /^@breakwater\\/([a-z]+)$/.exec(specifier)
    if (own) return next(pathToFileURL(${JSON.stringify(root)} + 'packages/' + own[1] + '/src/index.ts').href, context)
    const isSource = specifier.startsWith('.') && context.parentURL?.includes('/src/')
    return next(isSource ? specifier.replace(/[.]js$/, '.ts') : specifier, context)
  },
})`

interface Life {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** Runs a script that sees the packages as `command`, `metrics` and `kernel`, with every warning told. */
function live(script: string): Promise<Life> {
  const source = `
    const [command, metrics, kernel] = await Promise.all(
      ['command', 'metrics', 'kernel'].map((name) => import('@breakwater/' + name)))
    const loadedAt = performance.now()
    process.on('exit', () => console.log('lived', Math.round(performance.now() - loadedAt)))
    ${script}`
  const flags = ['--experimental-transform-types', '--disable-warning=ExperimentalWarning']
  const strict = ['--unhandled-rejections=strict', '--throw-deprecation', '--trace-warnings']
  const load = [`--import=data:text/javascript,${encodeURIComponent(hooks)}`, '--input-type=module']
  const child = spawn(process.execPath, [...flags, ...strict, ...load, '--eval', source], {
    cwd: root,
    timeout: 12_000,
  })
  const text = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8')
    child[stream].on('data', (chunk: string) => (text[stream] += chunk))
  }
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, output: text.stdout, errors: text.stderr }))
  })
}

test('a program that forgets its commands and collectors ends by itself', { timeout: 30_000 }, async () => {
  const life = await live(`
    const registry = { registerMetric() {}, removeSingleMetric() {}, getSingleMetric() {} }
    metrics.collectInto(registry)
    metrics.metricsHandler()
    const long = { timeoutMs: 60_000, attemptTimeoutMs: 30_000 }
    const byKey = new command.CommandRegistry({
      define: (name) => command.createCommand({
        name, ...long, idempotent: false, run: (call, n) => n % 10 === 0 ? Promise.reject(new Error('down')) : n, fallback: () => 0 }),
      keysFromInput: true, max: 20,
    })
    const { signal } = new AbortController()
    for (let call = 0; call < 1_000; call++)
      await byKey.get('key ' + (call % 50)).with({ signal, budgetMs: 20_000 }).execute(call)
    console.log('called')`)

  expect(life).toMatchObject({ code: 0, errors: '' })
  expect(life.output).toContain('called')
  expect(Number(/lived (\d+)/.exec(life.output)?.[1])).toBeLessThan(8_000)
})
