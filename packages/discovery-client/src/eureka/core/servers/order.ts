/**
 * The order in which servers are tried: those of the own zone first, by chance within it and within the rest, so that the
 * clients of a zone share its servers (ZoneAffinityClusterResolver).
 */
import type { Random } from '@breakwater/kernel'

interface Placed {
  readonly base: string
  readonly zone: string
}

/** A copy of `servers` in the order to try them, each once. Without `zone`, all by chance. */
export function orderServers<S extends Placed>(
  servers: readonly S[],
  zone: string | undefined,
  random: Random,
): readonly S[] {
  const unique = [
    ...new Map(servers.toReversed().map((server) => [server.base, server] as const)).values(),
  ].reverse()
  const mine = unique.filter((server) => server.zone === zone)
  const others = unique.filter((server) => server.zone !== zone)
  return [...shuffled(mine, random), ...shuffled(others, random)]
}

/** Fisher and Yates' shuffle, of a copy. */
function shuffled<T>(list: readonly T[], random: Random): T[] {
  const result = [...list]
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random.next() * (last + 1))
    const moved = result[last] as T
    result[last] = result[other] as T
    result[other] = moved
  }
  return result
}
