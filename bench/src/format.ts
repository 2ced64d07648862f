// Numbers and tables as text.

import type { Spread } from './statistics.ts'

/** A Markdown table whose columns are aligned in the text too; the first row is the header. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  const [header = [], ...body] = rows
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

/** A ratio. */
export function times(value: number | undefined): string {
  return `x${number(value)}`
}

/** Smallest and largest. */
export function range({ min, max }: Spread): string {
  return `${number(min)}–${number(max)}`
}

/** Three significant digits while they mean something, then whole numbers. */
export function number(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return '∞'
  const size = Math.abs(value)
  const digits = Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : 2
  // A tiny negative difference of two medians is zero, not "-0".
  const text = value.toFixed(digits)
  return Number(text) === 0 ? '0' : Number(text).toLocaleString('en-US', { minimumFractionDigits: digits })
}
