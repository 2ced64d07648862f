// One place in which two traces differ.

/** `undefined` stands for a member that is not there. */
export interface Difference {
  readonly scenario: string
  /** Where in the trace: `execs.a.events`, `probes[1].open`, `notifier[4]`. */
  readonly path: string
  readonly recorded: unknown
  readonly ours: unknown
}

export function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** One line for people. */
export function renderDifference({ scenario, path, recorded, ours }: Difference): string {
  return `${scenario} ${path}: recorded ${show(recorded)}, ours ${show(ours)}`
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}
