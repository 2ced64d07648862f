/** The front door: named commands. */
export { createCommand } from './command.js'
export type { Command, CommandSnapshot, Executable } from './command.js'
export type { CommandEvents } from './command-events.js'
export type { ExecutionEvents } from './command-meter.js'
export type { CommandOptions, CommandTuning } from './command-options.js'
export { CommandRegistry, OTHER_KEYS } from './command-registry.js'
export type { CommandRegistryOptions } from './command-registry.js'
