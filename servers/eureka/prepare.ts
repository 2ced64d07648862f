/**
 * Fetches and compiles what the real Eureka servers and Netflix's client need, once for each version of the files here, into
 * a folder of the user's cache. `node servers/eureka/prepare.ts` prepares all of them.
 */
import { fileURLToPath } from 'node:url'
import { notOnPath, preparedProgram, runCommand } from '../prepared-program.ts'

export type Program = 'netflix' | 'spring' | 'java-client'

const PROGRAMS: readonly Program[] = ['netflix', 'spring', 'java-client']
const PATIENCE_MS = 600_000

/** What is missing on this machine to run any of them; `undefined` when nothing is. */
export function missingTools(): string | undefined {
  const missing = notOnPath('java', 'javac', 'mvn')
  if (missing.length === 0) return undefined
  return `no ${missing.join(', ')} on the path (Debian: apt-get install openjdk-17-jdk-headless maven)`
}

/** The folder with the program, ready to run. */
export function prepare(program: Program): Promise<string> {
  const source = fileURLToPath(new URL(`./${program}/`, import.meta.url))
  return preparedProgram({
    name: `eureka-${program}`,
    source,
    patienceMs: PATIENCE_MS,
    make: (fresh) =>
      runCommand('mvn', ['-q', '-B', `-Dout=${fresh}`, 'package'], { cwd: source, timeoutMs: PATIENCE_MS }),
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
