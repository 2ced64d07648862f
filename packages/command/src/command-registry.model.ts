/**
 * A registry whose commands do as they are told, and a list of the keys that they were made for.
 */
import type { CommandTuning } from './command-options.js'
import { createCommand } from './command.js'
import type { Command } from './command-shape.js'
import { never, world } from './command.model.js'
import type { World } from './command.model.js'
import { CommandRegistry } from './command-registry.js'

export type Mood = 'good' | 'bad' | 'never'
type ByHost = CommandRegistry<[mood?: Mood], string>

export interface Kept extends World {
  readonly registry: ByHost
  /** The keys that commands were made for, in order. */
  readonly made: string[]
}

export function keep(
  max: number,
  tuning: CommandTuning = {},
  keysFromInput = true,
  fallback?: () => Promise<never>,
): Kept {
  const around = world()
  const made: string[] = []
  const define = (key: string): Command<[mood?: Mood], string> => {
    made.push(key)
    const run = async (_call: unknown, mood: Mood = 'good'): Promise<string> => {
      if (mood === 'bad') throw new Error('down')
      return mood === 'never' ? never() : key
    }
    return createCommand({ name: key, run, fallback, ...around, retry: false, ...tuning })
  }
  return { ...around, made, registry: new CommandRegistry({ define, max, keysFromInput }) }
}
