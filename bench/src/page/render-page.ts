// Writes `docs/performance.md` from the kept results, so that the page says nothing that was not measured.

import reasonsFile from '../../reasons.json' with { type: 'json' }
import { GROUPS } from '../groups.ts'
import type { GroupResult } from '../results.ts'
import { median } from '../statistics.ts'
import { renderGroup, renderMachine, renderSummary } from '../tables.ts'
import { renderPlaces } from '../profile/render.ts'
import type { Kept, Profiles } from './kept-results.ts'
import { renderNodes, renderProcessors } from './other-runs.ts'
import { peersAhead, renderAhead } from './peers-ahead.ts'

/** Why a limit is missed, by group; kept by hand. */
export const REASONS: Readonly<Record<string, string | undefined>> = reasonsFile

/** The page as Markdown. */
export function renderPage({ runs, nodes, processors, profiles }: Kept): string {
  const groups = runs.flatMap((run) => run.groups)
  const parts = [
    '<!-- Made by `npm run performance-page` from bench/results and bench/reasons.json: change those. -->',
    '# What a call costs, beside the peers',
    METHOD,
    '## Machine and noise',
    ...machines(runs),
    ...noise(groups),
    '## Verdicts',
    renderSummary(groups),
    ...absent(groups),
    ...peersSection(groups),
    ...missedSection(groups, profiles),
    ...renderProcessors(runs[0], processors),
    ...renderNodes(runs[0], nodes),
    ...groups.map(renderGroup),
  ]
  return `${parts.join('\n\n')}\n`
}

const METHOD = `Every library does the same thing in a process of its own, with short segments of bare calls between those of the library. So \`x bare\`,
the time of a call over the time of the same work without any library, compares neighbours in time and is the number to read; ns drift
with the machine. A cell is the median of the rounds, with the smallest and the largest in brackets. Bytes are allocated over those of the
bare call, hops are microtask ticks until the caller goes on (bare: 1; \`–\`: it takes a turn of the event loop). Breakwater is measured after pipelines of eight
other shapes have run in its process; the peers are measured alone, which favours them. _hand-written_ is what a careful programmer would
write for one call site, and a floor rather than a competitor. What is no loop of calls has other columns: a fixed rate, idle breakers, reading
statistics, two faults.

A gate is a limit for which \`npm run bench:gate\` fails, a moonshot one that we would like to reach, and ✗ marks what is missed. The limits were set before the code was
written. How each number is made, how each peer is set up and what is not claimed: [bench/README.md](../bench/README.md).`

/** Each run beside what it measured, when there are several. */
function machines(runs: Kept['runs']): readonly string[] {
  if (runs.length === 1) return renderMachine(runs[0])
  return runs.flatMap((run) => {
    const scenarios = new Set(run.groups.map(({ scenario }) => scenario))
    return [`**${[...scenarios].join(', ')}**`, ...renderMachine(run)]
  })
}

/** How far apart the rounds of one case were: what a difference has to exceed to mean something. */
function noise(groups: readonly GroupResult[]): readonly string[] {
  const ranges = groups.flatMap(({ measure, rows }) =>
    rows.flatMap(({ result }) => {
      const ratio =
        measure === 'paired' && result.kind === 'measured' && result.rounds > 1
          ? result.metrics['ratio']
          : undefined
      return ratio === undefined ? [] : [(ratio.max - ratio.min) / ratio.median]
    }),
  )
  if (ranges.length === 0) return []
  const [usual, most] = [median(ranges), Math.max(...ranges)].map((share) => `${Math.round(share * 100)} %`)
  return [
    `From the smallest to the largest round of one case, \`x bare\` moved by less than ${usual} in half of the ${ranges.length} cases, and by ${most} in the worst. A difference that lies within the brackets of two rows means nothing.`,
  ]
}

function absent(groups: readonly GroupResult[]): readonly string[] {
  const present = new Set(groups.map(({ id }) => id))
  const missing = GROUPS.filter(({ id }) => !present.has(id)).map(({ id }) => id)
  return missing.length === 0 ? [] : [`Not in these results: ${missing.join(', ')}.`]
}

function peersSection(groups: readonly GroupResult[]): readonly string[] {
  const ahead = peersAhead(groups)
  const isCold = ahead.some(({ group }) => group === 'S8-growth')
  return [
    '## Where a peer is better',
    ahead.length === 0
      ? 'In nothing that was measured.'
      : 'Every number of a peer that is below ours, whether or not the peer does the same amount of work for it.',
    ...(ahead.length === 0 ? [] : [renderAhead(ahead)]),
    ...(isCold
      ? [
          'S8-growth times 50 failures right after a garbage collection, so code and data are cold there, as in a service in which failures are rare; in the loops they are warm.',
        ]
      : []),
  ]
}

const PROFILES = `Shares are those of the samples of a CPU profile of our calls alone (\`npm run bench:profile\`); \`bench\` is the loop and the work, which the bare
call has too, and what V8 inlines counts where it is inlined.`

function missedSection(groups: readonly GroupResult[], profiles: Profiles): readonly string[] {
  const lines = groups.flatMap((group) => {
    const what = missedLimits(group).join(' and ')
    if (what === '') return []
    const { id } = group
    const places = profiles[id]
    const profile = places === undefined ? '' : ` Profile: ${renderPlaces(places)}.`
    return [`- **${id}**, ${what}: ${REASONS[id] ?? 'no reason is noted.'}${profile}`]
  })
  if (lines.length === 0) return ['## What is missed, and why', 'Nothing.']
  return ['## What is missed, and why', PROFILES, lines.join('\n')]
}

function missedLimits({ verdict }: GroupResult): readonly string[] {
  if (verdict === undefined) return []
  const isMissed = ({ held }: { readonly held: boolean }): boolean => !held
  return [
    ...(verdict.gate.some(isMissed) ? ['gate'] : []),
    ...(verdict.moonshot.some(isMissed) ? ['moonshot'] : []),
  ]
}
