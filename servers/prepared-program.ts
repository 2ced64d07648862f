/**
 * Programs that tests start: fetched or built once for each version of the files that describe them, into a folder of the
 * user's cache.
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

export interface ProgramRecipe {
  readonly name: string
  /** The folder with the files that describe it: a change of theirs makes another program. */
  readonly source: string
  /** Makes it in the folder `fresh`. */
  readonly make: (fresh: string) => Promise<void>
  /** How long others wait for the one that makes it. */
  readonly patienceMs: number
}

export interface CommandOptions {
  readonly cwd: string
  readonly timeoutMs: number
  readonly env?: NodeJS.ProcessEnv
}

/** Which of these commands this machine lacks. */
export function notOnPath(...tools: readonly string[]): string[] {
  return tools.filter((tool) => !isOnPath(tool))
}

/** Where the program is, or will be once it is prepared. */
export function placeOf({ name, source }: Pick<ProgramRecipe, 'name' | 'source'>): string {
  return join(cacheFolder(), `${name}-${digestOf(source)}`)
}

/** The folder with the program, ready to run; made now if it is not there. */
export async function preparedProgram(recipe: ProgramRecipe): Promise<string> {
  const ready = placeOf(recipe)
  mkdirSync(cacheFolder(), { recursive: true })
  const release = await lock(`${ready}.lock`, recipe.patienceMs, () => existsSync(ready))
  if (release === undefined) return ready
  const fresh = mkdtempSync(join(cacheFolder(), 'fresh-'))
  try {
    await recipe.make(fresh)
    renameSync(fresh, ready)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
    release()
  }
  return ready
}

/** Runs a command to its end; what it said is in the error when it fails. */
export function runCommand(
  command: string,
  args: readonly string[],
  { cwd, timeoutMs, env = process.env }: CommandOptions,
): Promise<void> {
  const child = spawn(command, args, { cwd, timeout: timeoutMs, env })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`${command} ${args.join(' ')} in ${cwd} ended with ${String(code)}:\n${said}`))
    })
  })
}

function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'breakwater', 'servers')
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
async function lock(
  path: string,
  patienceMs: number,
  isReady: () => boolean,
): Promise<(() => void) | undefined> {
  const until = performance.now() + patienceMs
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
