/**
 * Programs of their own, which use the packages as a user's would: only so can be seen how long they live.
 */
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleSources } from '../../scripts/bundle-sources.js'
import { temporaryFolder } from '../network/bundled.model.js'
import { STRICT } from './strict.model.js'

const IMPORTS = ['kernel', 'breaker', 'fallback', 'command', 'metrics']
  .map((name) => `import * as ${name} from '@breakwater/${name}'`)
  .join('\n')

/** How a program ended, and what it said; it says itself for how many milliseconds it lived. */
export interface Life {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** Runs a script that sees each package under its name, and `never`; whatever Node warns of is in `errors`. */
export async function live(script: string): Promise<Life> {
  const folder = await temporaryFolder()
  const source = `${IMPORTS}
    const loadedAt = performance.now()
    process.on('exit', () => console.log('lived', Math.round(performance.now() - loadedAt)))
    const never = () => new Promise(() => {})
    ${script}`
  const program = join(folder, 'program.mjs')
  await writeFile(program, source)
  const child = spawn(process.execPath, [...STRICT, await bundleSources(program, folder)], {
    timeout: 60_000,
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

/** In milliseconds, from when the packages were loaded. */
export function livedMs({ output }: Life): number {
  return Number(/lived (\d+)/.exec(output)?.[1])
}
