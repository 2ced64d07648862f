// Requests over real sockets in a closed loop: so many callers, each of which sends its next request when it has the answer. Stretches without and with
// the library take turns in one process, and the server is another process, so that CPU time is that of the client alone.

import { performance } from 'node:perf_hooks'
import { setImmediate as loopTurn } from 'node:timers/promises'
import type { Group, HttpSetting } from '../group.ts'
import { median } from '../statistics.ts'
import { bareSender, senderOf } from '../subjects/http.ts'
import type { Send } from '../subjects/http.ts'
import type { Effort } from './effort.ts'
import type { Metrics } from './paired.ts'
import { BODY, startServers } from './server-process.ts'

interface Stretch {
  readonly perSecond: number
  /** CPU time of the client's process for each request. */
  readonly us: number
}

/** `perSecond` and `us` of CPU a request; `lostPercent` of the bare requests a second missing; `extraUs` over bare. */
export async function measureHttp(group: Group, subject: string, effort: Effort): Promise<Metrics> {
  if (group.http === undefined) throw new Error(`${group.id} says nothing of its requests`)
  const setting: HttpSetting = group.http
  const { origins } = await startServers(setting.servers)
  const bare = bareSender(setting, origins)
  const sent = await senderOf(subject, setting, origins)
  const { connections } = setting
  for (const send of [bare, sent]) await stretch(send, connections, effort.httpWarmMs)
  const passes = await alternate([bare, sent], connections, effort)
  const of = (value: (pass: Pass) => number): number => median(passes.map(value))
  return {
    perSecond: of(({ subject: { perSecond } }) => perSecond),
    us: of(({ subject: { us } }) => us),
    bareUs: of(({ bare: { us } }) => us),
    lostPercent: of(({ bare: without, subject: own }) => 100 - (100 * own.perSecond) / without.perSecond),
    extraUs: of(({ bare: without, subject: own }) => own.us - without.us),
  }
}

interface Pass {
  readonly bare: Stretch
  readonly subject: Stretch
}

async function alternate(
  [bare, sent]: readonly [Send, Send],
  connections: number,
  { passes, httpMs }: Effort,
): Promise<readonly Pass[]> {
  const seen: Pass[] = []
  for (let pass = 0; pass < passes; pass++) {
    if (pass % 2 === 0) {
      const first = await stretch(bare, connections, httpMs)
      seen.push({ bare: first, subject: await stretch(sent, connections, httpMs) })
    } else {
      const first = await stretch(sent, connections, httpMs)
      seen.push({ subject: first, bare: await stretch(bare, connections, httpMs) })
    }
  }
  return seen
}

async function stretch(send: Send, callers: number, durationMs: number): Promise<Stretch> {
  await loopTurn()
  const cpu = process.cpuUsage()
  const begin = performance.now()
  const until = begin + durationMs
  let requests = 0
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      const text = await send()
      // A fallback that answers would look fast.
      if (text !== BODY) throw new Error(`answered ${String(text)}`)
      requests++
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const { user, system } = process.cpuUsage(cpu)
  return { perSecond: (requests * 1_000) / (performance.now() - begin), us: (user + system) / requests }
}
