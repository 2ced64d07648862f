// The real rows as a page.

import { short } from '../judge.ts'
import { table } from '../tables.ts'
import type { RealResult } from './run-real.ts'

export function renderReal({
  command,
  rows,
}: {
  readonly command: string
  readonly rows: readonly RealResult[]
}): string {
  return [
    '# Balancing on real sockets and processes',
    `\`${command}\`: five servers, each a process, 200 calls a second from one client; the first server is bad for 1.5 s. All on one machine, so numbers vary from run to run. Latencies in milliseconds and errors in percent of the bad time; shares in percent of a fair share.`,
    table(
      [
        'row',
        'the first server',
        'strategy',
        'errors',
        'p50',
        'p99',
        'its share while bad',
        'its share 0.8 to 1.5 s after',
      ],
      rows.map((row) => [
        row.row,
        row.title,
        row.strategy,
        short(row.errorPercent),
        short(row.p50),
        short(row.p99),
        short(row.badSharePercent),
        short(row.recoveredSharePercent),
      ]),
    ),
    '',
  ].join('\n\n')
}
