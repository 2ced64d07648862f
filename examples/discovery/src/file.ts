// Instances from a file that somebody else keeps: a deployment script, a sidecar, a mounted configuration.

import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBalancer, FileSource } from '@breakwater/discovery-client'
import { shares } from './calls.ts'

const folder = await mkdtemp(join(tmpdir(), 'discovery-'))
const file = join(folder, 'instances.json')

/** Beside its place and then into it, so that nobody reads half of it. */
async function write(lists: unknown): Promise<void> {
  await writeFile(`${file}.next`, typeof lists === 'string' ? lists : JSON.stringify(lists))
  await rename(`${file}.next`, file)
}

await write({ users: ['http://127.0.0.1:9001'] })
const source = new FileSource(file)
source.on('error', ({ error }) => {
  console.log('unusable:', error.name)
})
await source.ready
const users = createBalancer({ source, service: 'users' })

console.log('file:    ', shares(users, 10))
await write({ users: ['http://127.0.0.1:9002'] })
// It looks by itself, once a second.
await source.refresh()
console.log('replaced:', shares(users, 10))
await write('{ "users": [')
await source.refresh()
console.log('kept:    ', shares(users, 10))

users.dispose()
source.dispose()
await rm(folder, { recursive: true })
