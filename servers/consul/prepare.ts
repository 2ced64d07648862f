/**
 * Builds Consul from the modules that `module/` names, once, into a folder of the user's cache: about 100 MB to keep, with
 * 3 GB of Go's own caches on the way, which are thrown away. `node servers/consul/prepare.ts` prepares it.
 *
 * 1.15.4 is the last that can be built from the module proxy under the Mozilla licence, and it does not compile with the
 * `api` module that it asks for: `module/go.mod` asks for the next one.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { notOnPath, placeOf, preparedProgram, runCommand } from '../prepared-program.ts'

const PROGRAM = { name: 'consul', source: fileURLToPath(new URL('./module/', import.meta.url)) }
/** A build takes 200 s on two quiet cores. */
const BUILD_MS = 1_800_000

/** Why there can be no Consul on this machine; `undefined` when it is here already, or can be built. */
export function missingForConsul(): string | undefined {
  if (existsSync(placeOf(PROGRAM)) || notOnPath('go').length === 0) return undefined
  return 'no Consul in the cache, and no go on the path to build it (https://go.dev/dl)'
}

/** The path of the program. */
export async function prepareConsul(): Promise<string> {
  const folder = await preparedProgram({ ...PROGRAM, make: build, patienceMs: BUILD_MS })
  return join(folder, 'consul')
}

async function build(fresh: string): Promise<void> {
  const caches = join(fresh, 'caches')
  const temporary = join(caches, 'tmp')
  mkdirSync(temporary, { recursive: true })
  const env = {
    ...process.env,
    CGO_ENABLED: '0',
    // Modules are written so that they can be removed again.
    GOFLAGS: '-mod=readonly -modcacherw -buildvcs=false',
    GOWORK: 'off',
    GOMODCACHE: join(caches, 'modules'),
    GOCACHE: join(caches, 'build'),
    GOTMPDIR: temporary,
  }
  const out = join(fresh, 'consul')
  const args = ['build', '-trimpath', '-ldflags=-s -w', '-o', out, 'github.com/hashicorp/consul']
  await runCommand('go', args, { cwd: PROGRAM.source, timeoutMs: BUILD_MS, env })
  rmSync(caches, { recursive: true, force: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const missing = missingForConsul()
  if (missing === undefined) console.log(await prepareConsul())
  else {
    console.error(missing)
    process.exitCode = 1
  }
}
