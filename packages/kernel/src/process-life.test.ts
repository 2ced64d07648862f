/**
 * Real processes: how long they live is what is tested here, so these run in real time, and are few.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const packages = fileURLToPath(new URL('../../', import.meta.url))

/** Lets a bare Node run the sources: package names lead to `src`, `.js` to the file that it was made from, as plain JavaScript. */
const hooks = `
import { readFileSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
const ts = createRequire(${JSON.stringify(packages)})('typescript')
const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, useDefineForClassFields: false }
registerHooks({
  resolve(specifier, context, next) {
    const own = /^@breakwater\\/([a-z]+)$/.exec(specifier)
    if (own) return next(pathToFileURL(${JSON.stringify(packages)} + own[1] + '/src/index.ts').href, context)
    const isSource = specifier.startsWith('.') && context.parentURL?.includes('/src/')
    return next(isSource ? specifier.replace(/[.]js$/, '.ts') : specifier, context)
  },
  load(url, context, next) {
    if (!url.endsWith('.ts')) return next(url, context)
    const text = readFileSync(fileURLToPath(url), 'utf8')
    const source = ts.transpileModule(text, { compilerOptions }).outputText
    return { format: 'module', source, shortCircuit: true }
  },
})`

interface Life {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** Runs a script in a process of its own; it sees the exports of the packages as `kernel`, `breaker` and `fallback`. */
function live(script: string): Promise<Life> {
  const source = `
    const [kernel, breaker, fallback] = await Promise.all(
      ['kernel', 'breaker', 'fallback'].map((name) => import('@breakwater/' + name)))
    const loadedAt = performance.now()
    process.on('exit', () => console.log('lived', Math.round(performance.now() - loadedAt)))
    const never = () => new Promise(() => {})
    ${script}`
  const child = spawn(
    process.execPath,
    [
      '--unhandled-rejections=strict',
      `--import=data:text/javascript,${encodeURIComponent(hooks)}`,
      '--input-type=module',
      '--eval',
      source,
    ],
    { cwd: packages, timeout: 20_000 },
  )
  const text = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8')
    child[stream].on('data', (chunk: string) => (text[stream] += chunk))
  }
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, output: text.stdout, errors: text.stderr }))
  })
}

const livedMs = ({ output }: Life): number => Number(/lived (\d+)/.exec(output)?.[1])

describe('a process', { timeout: 30_000 }, () => {
  it('ends at once when nobody waits, whatever was made and called in it', async () => {
    const life = await live(`
      const { Timeout, Retry, Bulkhead, CircuitBreaker } = breaker
      const stack = kernel.pipeline(
        new fallback.Fallback({ chain: [() => 0] }), new Timeout({ timeoutMs: 60_000 }), new Retry(),
        new CircuitBreaker({ name: 'a' }), new Bulkhead({ name: 'b', queue: { limit: 5, maxWaitMs: 60_000 } }),
        new Timeout({ timeoutMs: 30_000 }))
      for (let call = 0; call < 1_000; call++) await stack.execute(() => call, { budgetMs: 20_000 + call })
      console.log('called')`)

    expect(life).toMatchObject({ code: 0, errors: '' })
    expect(life.output).toContain('called')
    expect(livedMs(life)).toBeLessThan(5_000)
  })

  it.each<[string, string, string]>([
    ['a call with a timeout', `new breaker.Timeout({ timeoutMs: 300 }).execute(never)`, 'ERR_TIMEOUT'],
    ['a call with a budget', `kernel.pipeline().execute(never, { budgetMs: 300 })`, 'ERR_DEADLINE_EXCEEDED'],
    [
      'a call in a queue',
      `(() => {
        const bulkhead = new breaker.Bulkhead({ limit: 1, queue: { limit: 1, maxWaitMs: 300 } })
        void bulkhead.execute(never)
        return bulkhead.execute(never)
      })()`,
      'ERR_BULKHEAD_FULL',
    ],
    [
      'a call that waits for its next attempt',
      `new breaker.Retry({ maxRetries: 1, backoff: breaker.constant({ ms: 300 }) })
        .execute(({ attempt }) => { throw Object.assign(new Error(), { code: 'attempt ' + attempt }) })`,
      'attempt 2',
    ],
    [
      'a call with a timeout that was made after many others',
      `(() => {
        const timeout = new breaker.Timeout({ timeoutMs: 300 })
        void timeout.execute(() => 'made its line')
        for (let budgetMs = 1; budgetMs < 200; budgetMs++) void kernel.pipeline().execute(() => 1, { budgetMs: 1_000 + budgetMs })
        return timeout.execute(never)
      })()`,
      'ERR_TIMEOUT',
    ],
  ])('does not end under %s', async (_name, call, code) => {
    const life = await live(`await ${call}.catch((error) => console.log('ended with', error.code))`)

    expect(life).toMatchObject({ code: 0, errors: '' })
    expect(life.output).toContain(`ended with ${code}`)
    expect(livedMs(life)).toBeGreaterThanOrEqual(299)
    expect(livedMs(life)).toBeLessThan(5_000)
  })

  it('does not end under several that wait for different times', async () => {
    const life = await live(`
      const ends = [100, 400, 250].map((timeoutMs) => new breaker.Timeout({ timeoutMs }).outcome(never).then(() => console.log(timeoutMs)))
      await Promise.all(ends)`)

    expect(life).toMatchObject({ code: 0, errors: '' })
    expect(life.output).toMatch(/^100\n250\n400\nlived/)
  })

  it('ends when the last of those who waited is answered, not at the end of his time', async () => {
    const life = await live(`
      const answer = new breaker.Timeout({ timeoutMs: 15_000 }).execute(() => new Promise((resolve) => setTimeout(resolve, 100, 'answer')))
      console.log(await answer)`)

    expect(life.output).toContain('answer')
    expect(livedMs(life)).toBeLessThan(5_000)
  })
})
