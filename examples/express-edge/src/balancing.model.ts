// What is seen of the balancers in a run in which all went well, and ways to spoil one thing of it.

import type { Evidence, Trouble } from './evidence.ts'
import type { BalancedNumbers, CallsByInstance } from './instance-numbers.ts'
import { goodRegistry, START } from './registry.model.ts'
import type { TroubleKind } from './script.ts'
import type { CommandName } from './tally.ts'

const ALL: readonly string[] = Object.values(goodRegistry().instances).flat()

/** Everybody has had 100 calls more in each part of the time, but those in trouble next to none. */
function goodTrouble(kind: TroubleKind, instances: Trouble['instances'], afterMs: number): Trouble {
  const ill = new Set(Object.values(instances))
  const calls = (well: number, unwell: number): CallsByInstance =>
    Object.fromEntries(ALL.map((id) => [id, ill.has(id) ? unwell : well]))
  return {
    kind,
    instances,
    from: START + afterMs,
    to: START + afterMs + 3_000,
    calls: [calls(100, 100), calls(200, 200), calls(300, 230), calls(400, 240)],
  }
}

export function goodTroubles(): readonly Trouble[] {
  return [
    goodTrouble('slow-instance', { users: 'users-2' }, 500),
    goodTrouble('lost-zone', { users: 'users-1', orders: 'orders-1', prices: 'prices-1' }, 4_000),
    goodTrouble('failing-instance', { orders: 'orders-2' }, 14_000),
  ]
}

/** As many good calls as the clients counted, and some that failed. */
export function goodBalanced(): ReadonlyMap<CommandName, BalancedNumbers> {
  return new Map([
    ['users', { successes: 810, failures: 180, calls: 1_000 }],
    ['orders', { successes: 900, failures: 60, calls: 960 }],
    ['prices', { successes: 930, failures: 30, calls: 960 }],
  ])
}

export function withTrouble(
  evidence: Evidence,
  kind: TroubleKind,
  spoil: (trouble: Trouble) => Trouble,
): Evidence {
  return {
    ...evidence,
    troubles: evidence.troubles.map((trouble) => (trouble.kind === kind ? spoil(trouble) : trouble)),
  }
}

/** An instance had so many calls in the last part of the time. */
export function callsOf(id: string, count: number): (trouble: Trouble) => Trouble {
  return (trouble) => {
    const [lead, from, noticed, to] = trouble.calls
    return { ...trouble, calls: [lead, from, noticed, { ...to, [id]: (noticed[id] ?? 0) + count }] }
  }
}

export function withBalanced(evidence: Evidence, command: CommandName, numbers: BalancedNumbers): Evidence {
  return { ...evidence, balanced: new Map([...evidence.balanced, [command, numbers]]) }
}
