/**
 * What StrykerJS found, beside what we know: each change of the code that no test notices (a survivor) is in
 * `mutation.json` with the reason why none has to, or the run fails.
 */

/** Cores that are mutated together, against tests of their package. */
interface MutationGroup {
  readonly mutate: readonly string[]
  readonly tests: readonly string[]
  /** Of the last whole run; absent before the first. */
  readonly killed?: number
  readonly total?: number
}

export interface Survivor {
  readonly file: string
  /** The line where the change begins, without its indentation. */
  readonly line: string
  /** `before → after`. */
  readonly change: string
  readonly reason: string
}

/** `mutation.json`. */
export interface Mutation {
  readonly groups: Readonly<Record<string, MutationGroup>>
  readonly survivors: readonly Survivor[]
}

interface Position {
  readonly line: number
  readonly column: number
}

/** As much of Stryker's JSON report as is read here. */
export interface StrykerReport {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: string
        readonly mutants: readonly {
          readonly status: string
          readonly replacement?: string
          readonly location: { readonly start: Position; readonly end: Position }
        }[]
      }
    >
  >
}

export interface Verdict {
  readonly killed: number
  readonly total: number
  /** Those of this run, with the reasons known for them; an empty one where there is none. */
  readonly survivors: readonly Survivor[]
  /** Listed for a file of this run, but killed by now. */
  readonly stale: readonly Survivor[]
}

const KILLED = ['Killed', 'Timeout']
const SURVIVED = ['Survived', 'NoCoverage']
const LONGEST = 90

export function judge(report: StrykerReport, known: readonly Survivor[]): Verdict {
  const reasons = new Map(known.map((survivor) => [keyOf(survivor), survivor.reason]))
  const survivors = new Map<string, Survivor>()
  let killed = 0
  let total = 0
  for (const [file, { source, mutants }] of Object.entries(report.files)) {
    for (const { status, location, replacement = '' } of mutants) {
      if (KILLED.includes(status)) killed++
      if (KILLED.includes(status) || SURVIVED.includes(status)) total++
      if (!SURVIVED.includes(status)) continue
      const lines = source.split('\n')
      const line = lines[location.start.line - 1]?.trim() ?? ''
      const change = `${short(cut(lines, location.start, location.end))} → ${short(replacement)}`
      const key = keyOf({ file, line, change })
      survivors.set(key, { file, line, change, reason: reasons.get(key) ?? '' })
    }
  }
  const stale = known.filter((survivor) => survivor.file in report.files && !survivors.has(keyOf(survivor)))
  return { killed, total, survivors: [...survivors.values()], stale }
}

/** The page of the scores and the survivors. */
export function renderMutationPage({ groups, survivors }: Mutation): string {
  const rows = Object.entries(groups).map(([name, group]) => `- ${name}: ${scoreOf(group)}`)
  const files = [...new Set(survivors.map(({ file }) => file))].sort()
  return (
    [
      HEAD,
      rows.join('\n'),
      '## Survivors\n\nChanges that no test notices, and why none has to.',
      ...files.map((file) => sectionOf(file, survivors)),
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  )
}

function sectionOf(file: string, survivors: readonly Survivor[]): string {
  const own = survivors.filter((survivor) => survivor.file === file)
  const reasons = [...new Set(own.map(({ reason }) => reason))]
  const parts = reasons.map((reason) => {
    const changes = own.filter((survivor) => survivor.reason === reason)
    return [`${reason}:\n`, ...changes.map(({ line, change }) => `- ${code(line)}: ${code(change)}`)].join(
      '\n',
    )
  })
  return [`### ${file}`, ...parts].join('\n\n')
}

function scoreOf({ killed, total }: MutationGroup): string {
  if (killed === undefined || total === undefined) return 'not measured yet'
  return `${((100 * killed) / total).toFixed(1)} % (${killed} of ${total})`
}

function keyOf({ file, line, change }: Omit<Survivor, 'reason'>): string {
  return JSON.stringify([file, line, change])
}

function cut(lines: readonly string[], start: Position, end: Position): string {
  const touched = lines.slice(start.line - 1, end.line)
  const last = touched.length - 1
  return touched
    .map((line, index) =>
      line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined),
    )
    .join(' ')
}

function short(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim()
  return flat.length <= LONGEST ? flat : `${flat.slice(0, LONGEST)}…`
}

/** Inline code, whatever it holds. */
function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

const HEAD = `# Mutation testing

<!-- Made from scripts/mutation.json by \`npx vitest run scripts/mutation-report.test.ts --update\`. Do not edit it by hand. -->

StrykerJS changes the code of the pure cores, and of the kernel around its own, in small ways, one at a time, and runs the
tests that reach the change. A change that no test notices is a hole in the tests, dead code, or a change that makes no
difference. At least 95 % of each group have to be noticed, and for each of the others there has to be a reason.

\`\`\`sh
node scripts/mutation.js                  # every group
node scripts/mutation.js backoff retry   # some
node scripts/mutation.js --keep kernel    # keeps the score, and new survivors for which to write a reason
node scripts/mutation.js --again kernel   # only what the last run here has not killed, and what new lines or tests touch
node scripts/mutation.js --mutate "packages/kernel/src/deadline.ts"   # any files, against all tests of the packages
\`\`\`

It exits with 1 when a score is too low, when a survivor has no reason, and when one that is listed has been killed.
Groups, scores, survivors and reasons are in [\`scripts/mutation.json\`](../scripts/mutation.json).

## Scores`
