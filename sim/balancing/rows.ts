// All rows of the report: our fleets for few, some and many clients, Buoyant's set-up, and Dialogue's scenarios.

import { BUOYANT } from './scenarios/buoyant.ts'
import { DIALOGUE } from './scenarios/dialogue.ts'
import type { DialogueScenario } from './scenarios/dialogue-row.ts'
import { FLEETS, TOLD } from './scenarios/fleets.ts'
import type { Scenario } from './scenarios/scenario.ts'

/** Few big and many small clients differ most: what one of 400 knows is seldom new. */
const MANY = 400
const CLIENT_COUNTS = [4, 20, MANY]

export const ROWS: readonly Scenario[] = [
  ...FLEETS.flatMap((fleet) => CLIENT_COUNTS.map(fleet)),
  ...TOLD.map((fleet) => fleet(MANY)),
  BUOYANT,
  ...DIALOGUE.map(({ scenario }) => scenario),
]

/** A row by its id; throws a `RangeError` for others. */
export function rowOf(id: string): Scenario {
  const found = ROWS.find((row) => row.id === id)
  if (found === undefined) throw new RangeError(`no row ${id}`)
  return found
}

/** What Dialogue published of a row, if it is one of its scenarios. */
export function publishedOf(id: string): DialogueScenario | undefined {
  return DIALOGUE.find(({ scenario }) => scenario.id === id)
}
