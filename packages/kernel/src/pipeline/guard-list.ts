/**
 * The user's own guards of one stretch. They are foreign code: a throw is reported, admits, and changes nothing.
 */
import type { Call } from '../call.js'
import type { BreakwaterError } from '../errors.js'
import { reportInternalError } from '../internal-errors.js'
import type { Outcome } from '../outcome.js'
import type { GuardPart } from './stage.js'

export interface NamedGuard {
  readonly name: string
  readonly part: GuardPart
}

export class GuardList {
  constructor(private readonly guards: readonly NamedGuard[]) {}

  /** The name of the guard that refused last. */
  refusedBy = ''

  /** Asks from the outside in; those who had admitted a call that another one refuses are told. */
  enter(call: Call): BreakwaterError | undefined {
    for (const [index, guard] of this.guards.entries()) {
      const refused = ask(guard.part, call, guard.name)
      if (refused === undefined) continue
      this.tell(call, { kind: 'rejected', error: refused }, index)
      // Last: those who were told are foreign code, which may have made a call that another guard refused.
      this.refusedBy = guard.name
      return refused
    }
    return undefined
  }

  /** Tells all of them, from the inside out. */
  exit(call: Call, outcome: Outcome<unknown>): void {
    this.tell(call, outcome, this.guards.length)
  }

  private tell(call: Call, outcome: Outcome<unknown>, count: number): void {
    for (const guard of this.guards.slice(0, count).reverse()) {
      try {
        guard.part.exit(call, outcome)
      } catch (error) {
        reportInternalError(error, `guard ${guard.name}`)
      }
    }
  }
}

function ask(part: GuardPart, call: Call, name: string): BreakwaterError | undefined {
  try {
    return part.enter(call)
  } catch (error) {
    reportInternalError(error, `guard ${name}`)
    return undefined
  }
}
