// What a scenario file says, once it is read: definitions of commands and collapsers, then timed steps. Defaults are filled in.

/** Whose behaviour is replayed: our own, Hystrix 1.5.18, or Hystrix 1.5.13. */
export type Line = 'port' | 'classic' | 'tri-state'

export const LINES: readonly Line[] = ['classic', 'tri-state', 'port']

export interface Scenario {
  readonly id: string
  readonly defs: ReadonlyMap<string, Definition>
  /** In order of time; steps of one instant in the order of the file. */
  readonly steps: readonly Step[]
  /** How long to watch after the last step, in milliseconds. */
  readonly tailMs: number
  /** What the file itself expects of some executions, by line. */
  readonly expect: ReadonlyMap<Line, Expectations>
}

type Expectations = ReadonlyMap<string, Readonly<Record<string, unknown>>>

export type Definition = CommandDefinition | CollapserDefinition

/** Values of properties by their Hystrix names, without prefix and key. */
export type PropertyValues = ReadonlyMap<string, string>

export interface CommandDefinition {
  readonly kind: 'command'
  readonly name: string
  readonly key: string
  readonly group: string
  readonly pool: string
  readonly props: PropertyValues
  readonly threadPool: PropertyValues
}

export interface CollapserDefinition {
  readonly kind: 'collapser'
  readonly name: string
  readonly key: string
  readonly scope: 'REQUEST' | 'GLOBAL'
  readonly props: PropertyValues
  readonly batch: CommandDefinition & { readonly run: Work; readonly fallback: Work | undefined }
  /** How the answers of a batch are given to its requests. */
  readonly map: BatchMapping
}

export const BATCH_MAPPINGS = ['all', 'skipLast', 'errLast', 'throwAfterFirst'] as const
export type BatchMapping = (typeof BATCH_MAPPINGS)[number]

/** What a run or a fallback does: waits, then returns or throws. */
export interface Work {
  readonly afterMs: number
  readonly returns: string
  /** One of the words of `errors.ts`, or the message of a RuntimeException; it comes before `returns`. */
  readonly throws: string | undefined
  /** Goes on after a timeout or a cancellation asked it to stop. */
  readonly ignoreInterrupt: boolean
}

export type Step =
  | ExecStep
  | { readonly do: 'cancel'; readonly at: number; readonly id: string }
  | { readonly do: 'probe'; readonly at: number; readonly def: string }
  | { readonly do: 'ctxOpen' | 'ctxClose' | 'requestLog'; readonly at: number; readonly ctx: string }
  | {
      readonly do: 'clearCache'
      readonly at: number
      readonly ctx: string
      readonly def: string
      readonly cacheKey: string
    }
  | { readonly do: 'set'; readonly at: number; readonly key: string; readonly value: string }

export const MODES = ['execute', 'observe', 'queue'] as const
type Mode = (typeof MODES)[number]

/** One execution, or one of a `repeat`. */
export interface ExecStep {
  readonly do: 'exec'
  readonly at: number
  /** Unique; the members of a `repeat` are `id#0`, `id#1` and so on. */
  readonly id: string
  readonly def: string
  readonly mode: Mode
  readonly ctx: string | undefined
  readonly cacheKey: string | undefined
  /** What a collapser is asked for. */
  readonly arg: string | undefined
  readonly run: Work
  readonly fallback: Work | undefined
}
