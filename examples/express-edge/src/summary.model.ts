// A run in which all went well, and ways to spoil one thing of it.

import type { StateChange } from './messages.ts'
import type { CommandNumbers } from './observations.ts'
import type { Evidence } from './evidence.ts'
import { goodBalanced, goodTroubles } from './balancing.model.ts'
import { goodRegistry, goodTimeline, START } from './registry.model.ts'
import type { CommandName, CommandTally, Tally } from './tally.ts'

export function goodRun(): Evidence {
  return {
    planned: 1_000,
    tally: goodTally(),
    metrics: new Map([
      [
        'users',
        numbers({ success: 800, failure: 10, timeout: 60, short_circuited: 100, semaphore_rejected: 30 }, 2),
      ],
      ['orders', numbers({ success: 900, failure: 10, timeout: 30, short_circuited: 60 }, 1)],
      ['prices', numbers({ success: 900, failure: 10, timeout: 30, short_circuited: 60 }, 1)],
    ]),
    changes: [
      change('users', 'open', 2_400),
      change('users', 'half-open', 3_000),
      change('users', 'open', 3_200),
      change('users', 'half-open', 5_600),
      change('users', 'closed', 5_700),
      change('prices', 'open', 6_300),
      change('prices', 'closed', 9_300),
      change('orders', 'open', 10_300),
      change('orders', 'closed', 12_300),
    ],
    faults: [
      { command: 'users', kind: 'slow', from: START + 2_000, to: START + 5_000 },
      { command: 'prices', kind: 'failing', from: START + 6_000, to: START + 9_000 },
      { command: 'orders', kind: 'frozen', from: START + 10_000, to: START + 12_000 },
    ],
    registry: goodRegistry(),
    troubles: goodTroubles(),
    balanced: goodBalanced(),
    endedAt: START + 20_000,
    incidents: [],
    exits: [
      { name: 'edge', how: 'code 0', inOrder: true },
      { name: 'load', how: 'SIGTERM', inOrder: true },
    ],
    stalls: new Map([['edge', [{ at: START + 5_000, maxMs: 120 }]]]),
  }
}

function goodTally(): Tally {
  const others: Omit<CommandTally, 'timeline'> = {
    answers: { upstream: 900, failure: 10, timeout: 30, rejected: 60 },
    lastFallbackAt: START + 13_000,
  }
  return {
    sent: 1_000,
    skipped: 0,
    statuses: { 200: 1_000 },
    lost: {},
    malformed: 0,
    commands: {
      users: {
        answers: { upstream: 800, failure: 10, timeout: 60, rejected: 130 },
        lastFallbackAt: START + 6_000,
        timeline: goodTimeline('users'),
      },
      orders: { ...others, timeline: goodTimeline('orders') },
      prices: { ...others, timeline: goodTimeline('prices') },
    },
    latency: { p50: 15, p99: 390, max: 405 },
    late: 0,
    latestByMs: 0,
    lateAnswers: [],
    sendLag: { p99: 5, max: 20 },
  }
}

function numbers(executions: Record<string, number>, opened: number): CommandNumbers {
  const { success = 0, ...others } = executions
  return {
    state: 'closed',
    executions: { success, ...others },
    fallbacks: { success: Object.values(others).reduce((sum, count) => sum + count, 0) },
    retries: { success: 3 },
    transitions: { 'closed→open': opened, 'half_open→closed': opened },
    exceptionsThrown: 0,
    buckets: [],
  }
}

function change(command: CommandName, to: string, afterMs: number): StateChange {
  return { kind: 'transition', command, from: 'elsewhere', to, reason: 'error-rate', atMs: START + afterMs }
}

export function withTally(spoiling: Partial<Tally>): Evidence {
  return { ...goodRun(), tally: { ...goodTally(), ...spoiling } }
}

export function noLoad(): Evidence {
  const commands = { answers: { upstream: 0, failure: 0, timeout: 0, rejected: 0 }, timeline: [] }
  return withTally({
    sent: 0,
    statuses: {},
    commands: { users: commands, orders: commands, prices: commands },
    latency: { p50: 0, p99: 0, max: 0 },
  })
}

/** Answers that were late in the second before the edge told of its stall of 120 ms, or after it. */
export function withLateAnswers(count: number, overMs: number, sentAfterMs: number = 4_000): Evidence {
  const sentAt = START + sentAfterMs
  const lateAnswers = Array.from({ length: count }, () => ({ sentAt, endedAt: sentAt + 600, overMs }))
  return withTally({ late: count, latestByMs: overMs, lateAnswers })
}

export function withCommand(command: CommandName, spoiling: Partial<CommandTally>): Evidence {
  const { commands } = goodTally()
  return withTally({ commands: { ...commands, [command]: { ...commands[command], ...spoiling } } })
}

export function withNumbers(command: CommandName, spoiling: Partial<CommandNumbers>): Evidence {
  const { metrics } = goodRun()
  return {
    ...goodRun(),
    metrics: new Map([...metrics, [command, { ...metrics.get(command)!, ...spoiling }]]),
  }
}

export function withoutNumbers(command: CommandName): Evidence {
  return { ...goodRun(), metrics: new Map([...goodRun().metrics].filter(([name]) => name !== command)) }
}

export function withCounts(command: CommandName, spoiling: Record<string, number>): Evidence {
  return withNumbers(command, {
    executions: { ...goodRun().metrics.get(command)!.executions, ...spoiling },
  })
}

export function withFallbacks(fallbacks: Record<string, number>): Evidence {
  return withNumbers('users', { fallbacks })
}

function withChanges(change: (changes: readonly StateChange[]) => readonly StateChange[]): Evidence {
  return { ...goodRun(), changes: change(goodRun().changes) }
}

export function withoutChanges(command: CommandName): Evidence {
  return withChanges((changes) => changes.filter((each) => each.command !== command))
}

export function withoutClosing(command: CommandName): Evidence {
  return withChanges((changes) => changes.filter((each) => each.command !== command || each.to !== 'closed'))
}

export function withoutReopening(): Evidence {
  return withChanges((changes) => changes.filter(({ atMs }) => atMs !== START + 3_200))
}

export function withReopeningAfter(ms: number): Evidence {
  return withChanges((changes) =>
    changes.map((each) => (each.atMs === START + 3_200 ? { ...each, atMs: START + 3_000 + ms } : each)),
  )
}

export function withOpening(command: CommandName, afterMs: number): Evidence {
  return withChanges((changes) => [change(command, 'open', afterMs), ...changes])
}

export function movedBy(command: CommandName, ms: number): Evidence {
  return withChanges((changes) =>
    changes.map((each) => (each.command === command ? { ...each, atMs: each.atMs + ms } : each)),
  )
}

export function withExit(inOrder: boolean): Evidence {
  return { ...goodRun(), exits: [{ name: 'edge', how: 'code 1', inOrder }] }
}
