/**
 * Programs of their own, which use the packages as a user's would: only so can be seen how long they live.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { STRICT } from './strict.model.js'

const packages = fileURLToPath(new URL('../../packages/', import.meta.url))

/** Lets a bare Node run the sources: package names lead to `src`, `.js` to the file that it was made from, as plain JavaScript. */
const hooks = `
import { readFileSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
const ts = createRequire(${JSON.stringify(packages)})('typescript')
const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, useDefineForClassFields: false }
registerHooks({
  resolve(specifier, context, next) {
    const own = /^@breakwater\\/([a-z-]+)$/.exec(specifier)
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

/** How a program ended, and what it said; it says itself for how many milliseconds it lived. */
export interface Life {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** Runs a script that sees each package under its name, and `never`; whatever Node warns of is in `errors`. */
export function live(script: string): Promise<Life> {
  const source = `
    const [kernel, breaker, fallback, command, metrics] = await Promise.all(
      ['kernel', 'breaker', 'fallback', 'command', 'metrics'].map((name) => import('@breakwater/' + name)))
    const loadedAt = performance.now()
    process.on('exit', () => console.log('lived', Math.round(performance.now() - loadedAt)))
    const never = () => new Promise(() => {})
    ${script}`
  const child = spawn(process.execPath, argumentsFor(source), {
    cwd: packages,
    timeout: 20_000,
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

/** What Node needs to run a script that sees each package under its name. */
function argumentsFor(script: string): string[] {
  const load = [`--import=data:text/javascript,${encodeURIComponent(hooks)}`, '--input-type=module']
  return [...STRICT, ...load, '--eval', script]
}

/** In milliseconds, from when the packages were loaded. */
export function livedMs({ output }: Life): number {
  return Number(/lived (\d+)/.exec(output)?.[1])
}
