/** All scenarios as tests, told to one warm server. */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { TestContext } from 'vitest'
import { SCENARIOS } from './catalogue.ts'
import type { Scenario } from './catalogue.ts'
import type { Flavour } from './lab.ts'
import { missingNeeds } from './missing-needs.ts'
import { runScenarios } from './runner.ts'
import type { PartName } from './runner.ts'
import type { OwnServer, StartServer } from './servers.ts'

/** A JVM on a busy machine, with its files to be fetched first. */
const START_MS = 900_000
const SCENARIO_MS = 300_000
const SETTLE_MS = 20_000

export interface Suite {
  readonly flavour: Flavour
  readonly start: StartServer
  /** What this machine lacks to run the server. */
  readonly missing?: string | undefined
  readonly parts?: readonly PartName[]
  readonly soakMs: number
}

export function tellAll(title: string, { flavour, start, missing, parts, soakMs }: Suite): void {
  // What is missing here is a reason to skip; where everything is promised, it is a failure.
  const mustRun = process.env['CI'] !== undefined
  describe(title, () => {
    let server: OwnServer | undefined
    beforeAll(async () => {
      if (missing === undefined) server = await start()
    }, START_MS)
    afterAll(() => server?.stop())

    const tell = async ({ number }: Scenario, { skip, expect }: TestContext): Promise<void> => {
      if (server === undefined && !mustRun) skip(missing)
      expect(missing).toBeUndefined()
      const [result] = await runScenarios({
        url: server!.url,
        flavour,
        control: { server: server!, start },
        run: process.pid.toString(36),
        settleMs: SETTLE_MS,
        soakMs,
        parts,
        missing: missingNeeds(),
        only: [number],
        pause: (ms) => pause(ms),
      })
      if (result?.outcome === 'skipped' && (!mustRun || server?.sharesTheLoop === true)) skip(result.reason)
      if (result?.outcome === 'failed') throw result.error
      expect(result?.outcome).toBe('passed')
    }
    // Each has an object of its own: the runner notes in it what is concurrent.
    const options = (): { timeout: number } => ({ timeout: SCENARIO_MS })
    // Most of them wait most of the time.
    it.concurrent.for(SCENARIOS.filter(({ alone }) => alone === undefined))('$number $title', options(), tell)
    it.for(SCENARIOS.filter(({ alone }) => alone === true))('$number $title, alone', options(), tell)
  })
}
