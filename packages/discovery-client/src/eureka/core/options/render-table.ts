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

type Cells = readonly [name: string, value: string, netflix: string, spring: string, means: string]

function table(title: string, lines: readonly Line[]): string {
  const head: Cells = [title, 'Default', 'Netflix', 'Spring', 'Means']
  const body = lines.map(({ name, default: value, row }): Cells => [
    `\`${name}\``,
    value,
    row.netflix ?? '',
    row.spring ?? '',
    row.means,
  ])
  const columns = ([0, 1, 2, 3, 4] as const).map((column) => ({
    column,
    width: Math.max(3, ...[head, ...body].map((cells) => cells[column].length)),
  }))
  const line = (cells: Cells): string =>
    `| ${columns.map(({ column, width }) => cells[column].padEnd(width)).join(' | ')} |`
  const rule = `| ${columns.map(({ width }) => '-'.repeat(width)).join(' | ')} |`
  return [line(head), rule, ...body.map(line)].join('\n')
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
