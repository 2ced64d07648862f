/**
 * What a server does at fixed intervals, done when somebody looks: nothing can be seen between two looks, so the rounds
 * that came due are caught up in the order of their times, and no timer is needed.
 */

export interface Round {
  readonly everyMs: number
  readonly run: (at: number) => void
}

export class Agenda {
  private readonly rounds: { readonly round: Round; nextAt: number }[]

  constructor(start: number, rounds: readonly Round[]) {
    this.rounds = rounds.map((round) => ({ round, nextAt: start + round.everyMs }))
  }

  catchUp(now: number): void {
    for (;;) {
      const [first] = this.rounds.toSorted((a, b) => a.nextAt - b.nextAt)
      if (first === undefined || first.nextAt > now) return
      const at = first.nextAt
      first.nextAt = at + first.round.everyMs
      first.round.run(at)
    }
  }
}
