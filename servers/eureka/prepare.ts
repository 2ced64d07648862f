/**
 * Fetches and compiles what the real Eureka servers and Netflix's client need, once for each version of the files here, into
 * a folder of the user's cache. `node servers/eureka/prepare.ts` prepares all of them.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export type Program = 'netflix' | 'spring' | 'java-client'

const PROGRAMS: readonly Program[] = ['netflix', 'spring', 'java-client']
const PATIENCE_MS = 600_000

/** What is missing on this machine to run any of them; `undefined` when nothing is. */
export function missingTools(): string | undefined {
  const missing = notOnPath('java', 'javac', 'mvn')
  if (missing.length === 0) return undefined
  return `no ${missing.join(', ')} on the path (Debian: apt-get install openjdk-17-jdk-headless maven)`
}

/** Which of these commands this machine lacks. */
export function notOnPath(...tools: readonly string[]): string[] {
  return tools.filter((tool) => !isOnPath(tool))
}

/** The folder with the program, ready to run. */
export async function prepare(program: Program): Promise<string> {
  const source = fileURLToPath(new URL(`./${program}/`, import.meta.url))
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'breakwater', 'servers')
  const ready = join(cache, `eureka-${program}-${digestOf(source)}`)
  mkdirSync(cache, { recursive: true })
  const release = await lock(`${ready}.lock`, () => existsSync(ready))
  if (release === undefined) return ready
  const fresh = mkdtempSync(join(cache, 'fresh-'))
  try {
    await maven(source, fresh)
    renameSync(fresh, ready)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
    release()
  }
  return ready
}

function isOnPath(tool: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function digestOf(folder: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)))
  return hash.digest('hex').slice(0, 12)
}

// Suites run in processes of their own: one of them prepares, the others wait. `undefined` when it is ready.
async function lock(path: string, isReady: () => boolean): Promise<(() => void) | undefined> {
  const until = performance.now() + PATIENCE_MS
  while (!isReady()) {
    try {
      mkdirSync(path)
      return () => rmSync(path, { recursive: true, force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (performance.now() > until)
        throw new Error(`${path} was not given free: remove it if nobody is at work`, { cause: error })
      await wait(500)
    }
  }
  return undefined
}

function maven(source: string, out: string): Promise<void> {
  const child = spawn('mvn', ['-q', '-B', `-Dout=${out}`, 'package'], { cwd: source, timeout: PATIENCE_MS })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`mvn package in ${source} ended with ${String(code)}:\n${said}`))
    })
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const missing = missingTools()
  if (missing !== undefined) {
    console.error(missing)
    process.exitCode = 1
  } else {
    for (const program of PROGRAMS) console.log(await prepare(program))
  }
}
