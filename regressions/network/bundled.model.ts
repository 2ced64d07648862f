/** Programs of their own that begin at once, as a bundle with the sources of the packages. For tests only. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { bundleSources } from '../../scripts/bundle-sources.js'

/** Where the bundle of a program is, until the test has ended. */
export async function bundled(program: URL): Promise<string> {
  return bundleSources(fileURLToPath(program), await temporaryFolder())
}

/** A folder that is gone when the test has ended. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwater-program-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}
