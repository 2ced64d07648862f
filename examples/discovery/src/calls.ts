// Calls that a balancer shares out, without anybody who would have to answer them.

import type { Balancer } from '@breakwater/discovery-client'

/** How many of so many calls went to each instance, by port. */
export function shares(balancer: Balancer, calls: number): string {
  const counts = new Map<number, number>()
  for (let call = 0; call < calls; call++) {
    const pick = balancer.pick()
    counts.set(pick.instance.port, (counts.get(pick.instance.port) ?? 0) + 1)
    pick.done('success', 10)
  }
  const byPort = [...counts].sort(([one], [other]) => one - other)
  return byPort.map(([port, count]) => `${String(count)} to ${String(port)}`).join(', ')
}
