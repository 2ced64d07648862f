// What is done to single instances while others of the same upstream are well.

import { allEnded } from './all-ended.ts'
import type { ActOptions } from './acts.ts'
import { untilMoment } from './acts.ts'
import type { Trouble } from './evidence.ts'
import type { CallsByInstance } from './instance-numbers.ts'
import type { Behaviour } from './messages.ts'
import { NOTICE_MS } from './promises.ts'
import { FAILING, LOST_ZONE, planTroubles, SLOW } from './script.ts'
import type { PlannedTrouble, TroubleKind } from './script.ts'
import type { Place } from './services.ts'
import { COMMANDS } from './tally.ts'

/** So long before the trouble the shares are looked at, to have something to compare with. */
const LEAD_MS = 1_000

const BEHAVIOURS: Readonly<Record<TroubleKind, Behaviour>> = {
  'slow-instance': 'sluggish',
  'failing-instance': 'failing',
  'lost-zone': 'frozen',
}

export class Troubles {
  readonly seen: Trouble[] = []
  private readonly options: ActOptions

  constructor(options: ActOptions) {
    this.options = options
  }

  async play(seconds: number): Promise<void> {
    for (const trouble of planTroubles(seconds)) await this.playOne(trouble)
  }

  private async playOne({ kind, fromMs, toMs }: PlannedTrouble): Promise<void> {
    const { witness } = this.options
    const places = this.placesOf(kind)
    await untilMoment(this.options, fromMs - LEAD_MS)
    const lead = await this.calls()
    await untilMoment(this.options, fromMs)
    const atStart = await this.calls()
    const from = Date.now()
    await this.behave(places, BEHAVIOURS[kind])
    witness.troubleBegins(kind, places)
    await untilMoment(this.options, fromMs + NOTICE_MS)
    const noticed = await this.calls()
    await untilMoment(this.options, toMs)
    const atEnd = await this.calls()
    await this.behave(places, 'healthy')
    witness.troubleEnds(places)
    const instances = Object.fromEntries(places.map(({ command, id }) => [command, id]))
    this.seen.push({ kind, instances, from, to: Date.now(), calls: [lead, atStart, noticed, atEnd] })
  }

  /** What the balancers have sent to each instance so far. */
  private async calls(): Promise<CallsByInstance> {
    return (await this.options.readPage()).instances
  }

  private placesOf(kind: TroubleKind): readonly Place[] {
    const { places } = this.options
    if (kind === 'lost-zone') {
      return COMMANDS.flatMap((command) => places[command].filter(({ zone }) => zone === LOST_ZONE))
    }
    const second = places[kind === 'slow-instance' ? SLOW : FAILING][1]
    return second === undefined ? [] : [second]
  }

  private behave(places: readonly Place[], behaviour: Behaviour): Promise<void> {
    const { cast } = this.options
    return allEnded(places.map((place) => cast.instance(place).ask({ kind: 'behave', behaviour }, 'behave')))
  }
}
