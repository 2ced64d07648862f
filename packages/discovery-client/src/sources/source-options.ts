/** What the options of all sources have in common. */
import { readOptions } from '@breakwater/kernel'
import type { Clock } from '@breakwater/kernel'
import type { InstanceSource } from '../instance.js'

/** Reads options that hold a clock only. */
export function readCommon(component: string, options: unknown): { readonly clock: Clock | undefined } {
  const read = readOptions(component, options, ['clock'])
  const clock = read.clock('clock', undefined)
  read.finish()
  return { clock }
}

/** What a source must be; shared by everything that is built upon sources. */
export function sourceProblem(value: unknown): string | undefined {
  const { watch, snapshot } = value as Partial<InstanceSource>
  return typeof watch === 'function' && typeof snapshot === 'function'
    ? undefined
    : 'a source of instances: { watch, snapshot }'
}
