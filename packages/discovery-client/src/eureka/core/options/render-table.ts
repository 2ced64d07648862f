/** The settings as a Markdown table, for the README. A test sees to it that the README holds what this makes. */
import { DURATION_ROWS, NUMBER_ROWS, SWITCH_ROWS } from './client-rows.js'
import type { NumberRow, RowText } from './client-rows.js'
import { INSTANCE_ROWS } from './instance-rows.js'
import { OTHER_ROWS } from './other-rows.js'

interface Line {
  readonly name: string
  readonly default: string
  readonly row: RowText
}

/** Two tables: the options of the client and those of its instance. Ends in a line break. */
export function renderOptionsTable(): string {
  const client = [
    ...linesOf(OTHER_ROWS, (row) => row.default),
    ...linesOf(SWITCH_ROWS, (row) => `\`${row.default}\``),
    ...linesOf(DURATION_ROWS, numberText),
    ...linesOf(NUMBER_ROWS, numberText),
  ]
  const instance = linesOf(INSTANCE_ROWS, (row) => row.default)
  return [
    table('Option', client),
    '',
    'What `instance` may say. Netflix names are below `eureka.`, Spring names below `eureka.instance.`:',
    '',
    table('Setting', instance),
    '',
  ].join('\n')
}

function table(title: string, lines: readonly Line[]): string {
  const rows = lines.map(({ name, default: value, row }) => [
    `\`${name}\``,
    value,
    row.netflix ?? '',
    row.spring ?? '',
    row.means,
  ])
  const all = [[title, 'Default', 'Netflix', 'Spring', 'Means'], ...rows]
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(3, ...all.map((cells) => cells[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`
  const [head = [], ...body] = all
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(line)].join(
    '\n',
  )
}

function linesOf<R extends RowText>(
  rows: Readonly<Record<string, R>>,
  defaultOf: (row: R) => string,
): readonly Line[] {
  return Object.entries(rows).map(([name, row]) => ({ name, default: defaultOf(row), row }))
}

function numberText({ default: value, min, max }: NumberRow): string {
  return `${grouped(value)} (${grouped(min)} to ${grouped(max)})`
}

/** Digits in groups of three, as people read them. */
function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ' ')
}
