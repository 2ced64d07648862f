// What goes wrong in our fleets, where it takes more than a word.

import type { SlotServer } from '../core/server.ts'
import type { BadTime, Member, Stage } from './scenario.ts'

const PAUSE_EVERY_MS = 500
const PAUSE_MS = 300

export function rollingPauses(servers: readonly SlotServer[], { queue }: Stage): void {
  let turn = 0
  const next = (): void => {
    servers[turn++ % servers.length]?.pause(PAUSE_MS)
    queue.at(queue.now + PAUSE_EVERY_MS, next)
  }
  queue.at(0, next)
}

/** A process that has just started is five times as slow, and gets faster by the tenth of a second. */
const WARM_UP_MS = 10_000
const COLD = 5

function warmUp(server: SlotServer, { queue }: Stage): void {
  const startedAt = queue.now
  const step = (): void => {
    const part = Math.min(1, (queue.now - startedAt) / WARM_UP_MS)
    server.slowness = COLD - (COLD - 1) * part
    if (part < 1) queue.at(queue.now + 100, step)
  }
  step()
}

/** So many join. */
export const NEW_SERVERS = 5

export function coldStart(servers: readonly SlotServer[], stage: Stage, members: readonly Member[]): void {
  stage.queue.at(15_000, () => {
    for (const server of servers.slice(0, NEW_SERVERS)) warmUp(server, stage)
    stage.publish(members)
  })
}

/** Each second one server leaves the list, and comes back a second later as a new process, cold for two seconds. */
export function rollingDeploy(
  servers: readonly SlotServer[],
  { queue, publish }: Stage,
  members: readonly Member[],
): void {
  const generations = servers.map(() => 0)
  let turn = 0
  const next = (): void => {
    const leaving = turn++ % servers.length
    const back = (leaving + servers.length - 1) % servers.length
    generations[leaving] = (generations[leaving] ?? 0) + 1
    const server = servers[back] as SlotServer
    server.slowness = 3
    queue.at(queue.now + 2_000, () => {
      server.slowness = 1
    })
    publish(
      members
        .filter(({ server: index }) => index !== leaving)
        .map((member) => ({ ...member, generation: generations[member.server] ?? 0 })),
    )
    queue.at(queue.now + 1_000, next)
  }
  queue.at(1_000, next)
}

const FLAP_MS = 3_000

export function flapping(
  servers: readonly SlotServer[],
  { queue }: Stage,
  { fromMs, untilMs }: BadTime,
): void {
  let isBad = false
  const next = (): void => {
    isBad = !isBad
    servers[0]?.become(isBad ? 'fail' : 'serve')
    if (queue.now < untilMs) queue.at(queue.now + FLAP_MS, next)
    else servers[0]?.become('serve')
  }
  queue.at(fromMs, next)
}
