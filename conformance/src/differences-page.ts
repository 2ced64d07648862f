// The page for people about every difference that is meant, written from the same list that the comparison asks.

import type { AllowedDifference } from './compare/allowed.ts'

/** The whole page as Markdown, ready for prettier. */
export function renderDifferencesPage(differences: readonly AllowedDifference[]): string {
  const ofBoth = differences.filter(({ lines }) => lines.some((line) => line !== 'port'))
  const ofOurs = differences.filter(({ lines }) => lines.every((line) => line === 'port'))
  return [
    ...HEAD,
    '## Where no line of ours can be Hystrix',
    '',
    ...PLATFORM,
    ...ofBoth.flatMap(section),
    '## Where our own line is meant to differ',
    '',
    ...OWN,
    ...ofOurs.flatMap(section),
    ...UNSEEN,
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

const HEAD = [
  '# Differences from Hystrix',
  '',
  '<!-- Written by `npm run conformance -- write-differences` from conformance/differences.json. Edit that file. -->',
  '',
  "Three lines are replayed against 53 scenarios that were recorded from the real thing: `classic` (`compat: 'hystrix-1.5.18'`),",
  "`tri-state` (`compat: 'hystrix-1.5.13'`) and `port`, our own, which has no `compat`. `npm run conformance` compares every value, event, hook,",
  'count and time; our own line may be as either version where the two disagree. What may vary between two recordings of Hystrix itself is left out: milliseconds within 40, the order of what happens at one',
  'instant, and a few numbers on the edge of a bucket. Every other difference in these scenarios is on this page, with its reason, or the comparison',
  'fails.',
  '',
]

const PLATFORM = [
  'What the JVM has and Node does not. The replayer stands in for three things that only threads can do, so that scenarios about them can be',
  'compared at all: a script that sleeps is interrupted through `call.signal`; a future or a subscription of a SEMAPHORE command cannot be cancelled',
  "while its caller's thread is busy with it; and a `queue()` that Hystrix would have made throw at once has no `queued` in our trace either,",
  'although our promise is rejected instead of a throw. `execute()` of Hystrix wraps errors that it does not know in one of its own; ours never',
  'does, and the replayer puts the wrapper on. A batch is handed over in the order of a Java hash map.',
  '',
]

const OWN = [
  'The preset `hystrix` without `compat` has the health buckets, the counts and the three states of Hystrix, and what users asked Hystrix for: a trial',
  'with a lease that alone decides, and the rest of this list. What it should do in each scenario was written down with the recordings, as their',
  'column P.',
  '',
]

const UNSEEN = [
  '## What no recorded scenario shows',
  '',
  '- Circuit, our own line: the very end of a sleep window lets a trial through, where Hystrix asks for a moment more; and health counts nobody who was',
  '  admitted before the circuit closed, but for the trial that closed it.',
  '- Collapser, our own line: a batch that is full leaves at once, not when the next request comes; its window begins with its first request, not',
  '  with a tick at a fixed rate; a batch of the whole process runs in no request, so it is in no request log.',
  '- Collapser, all lines: each shard is a batch of its own, whose failure is not that of the others (Netflix/Hystrix#1734); an answer is shared',
  '  within a batch, and kept for the request only by a cache before it.',
  '- Request cache: the cache of a command of the preset keeps failures for the request in every line, as in S29; `RequestCache`, for work that is no',
  '  such command, keeps them with `compat` only. Who shares the run of another waits no longer than his own `budgetMs`.',
  '- Time, all lines: `budgetMs` and the time of the request end a run as its timeout does, if they come first. A fallback has no limit of time, as in',
  '  Hystrix.',
  '- Thread pools, all lines: there are no threads to keep, so `keepAliveTimeMinutes` is checked and reported, and changes nothing.',
  '- Properties, our own line: numbers that make no sense (a timeout or a health interval of 0, buckets that do not divide their window) are refused',
  '  when the command is made. With `compat` they do what they did in Hystrix: with such a timeout each run fails, buckets are rounded, and where its',
  '  constructor threw, ours throws InvalidOptionsError.',
  '',
]

function section({ title, hystrix, ours, reason, cases }: AllowedDifference): string[] {
  const scenarios = [...new Set(cases.map(({ scenario }) => scenario ?? 'any scenario'))]
  return [
    `### ${title}`,
    '',
    `- Hystrix: ${hystrix}`,
    `- Breakwater: ${ours}`,
    `- Why: ${reason}`,
    ...(scenarios.length === 0 ? [] : [`- Seen in: ${scenarios.join(', ')}`]),
    '',
  ]
}
