// Facts that a reader needs to judge the numbers; nothing that identifies the machine.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { availableParallelism, cpus } from 'node:os'
import manifest from '../package.json' with { type: 'json' }

/** Where a result comes from. */
export interface Machine {
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly platform: string
  readonly node: string
  readonly v8: string
  readonly packages: Readonly<Record<string, string>>
}

/** Facts of this machine and the versions that are installed. */
export function describeMachine(): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    packages: Object.fromEntries(
      Object.keys(manifest.dependencies).map((name) => [name, installedVersion(name)]),
    ),
  }
}

function installedVersion(name: string): string {
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    try {
      const { version } = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as {
        version: string
      }
      return version
    } catch {
      // Not in this folder; Node looks in the next one too.
    }
  }
  return 'not installed'
}
