// Profiles ours in one case, in a process of its own. Started by `main.ts` with a group and our name in it; prints its places as JSON.

import { writeSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { setImmediate as loopTurn } from 'node:timers/promises'
import { groupById } from '../groups.ts'
import { makeLoop } from '../measure/loops.ts'
import { preparePair } from '../measure/prepare.ts'
import { loadLibrary } from '../subjects/index.ts'
import { sharesOf } from './shares.ts'
import type { Place } from './shares.ts'

const SEGMENT_CALLS = 20_000
const WARM_SEGMENTS = 20
const SEGMENTS = 200
const INTERVAL_US = 100

async function profile(id: string, subject: string): Promise<readonly Place[]> {
  const library = await loadLibrary(subject)
  await library.warm?.()
  const { shape, call, between } = await preparePair(groupById(id), library)
  const loop = makeLoop(shape)
  const run = async (segments: number): Promise<void> => {
    for (let segment = 0; segment < segments; segment++) {
      await between?.()
      await loop(call, SEGMENT_CALLS)
      await loopTurn()
    }
  }
  await run(WARM_SEGMENTS)
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US })
  await session.post('Profiler.start')
  await run(SEGMENTS)
  return sharesOf((await session.post('Profiler.stop')).profile)
}

const [, , id = '', subject = ''] = process.argv
writeSync(1, JSON.stringify(await profile(id, subject)))
process.exit(0)
