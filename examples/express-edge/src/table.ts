// What the terminal shows, as text: the live table, the line for where nothing can be redrawn, and the summary.

import { styleText } from 'node:util'
import type { Progress, StateChange } from './messages.ts'
import type { CommandRow } from './observations.ts'
import type { FaultKind, TroubleKind } from './script.ts'
import type { Check } from './summary.ts'
import type { CommandName } from './tally.ts'

/** One moment of a run. */
export interface View {
  readonly atSeconds: number
  readonly ofSeconds: number
  readonly commands: readonly CommandView[]
  readonly progress: Progress | undefined
  /** How many of our instances the registry shows as up; `undefined` while it does not answer. */
  readonly registered: { readonly up: number; readonly of: number } | undefined
  /** The latest changes of state, oldest first. */
  readonly journal: readonly string[]
}

interface CommandView {
  readonly name: CommandName
  readonly fault: FaultKind | undefined
  readonly row: CommandRow | undefined
  /** How the calls were shared among the instances. */
  readonly shares: readonly ShareView[]
}

interface ShareView {
  readonly id: string
  readonly share: number | undefined
  readonly trouble: TroubleKind | undefined
}

type Style = 'green' | 'red' | 'yellow' | 'dim' | 'bold'

/** Gives text a style, or leaves it plain. */
export type Paint = (style: Style, text: string) => string

export function painter(withColours: boolean): Paint {
  return (style, text) => (withColours ? styleText(style, text, { validateStream: false }) : text)
}

const HEADINGS = [
  'SERVICE',
  'UPSTREAM',
  'BREAKER',
  'RATE/S',
  'ERROR %',
  'P50 MS',
  'P99 MS',
  'FALLBACK %',
  'OPENED',
]
const WIDTHS = [11, 10, 11, 8, 9, 8, 8, 12, 8]
const FIRST_NUMBER = 3
const ID_WIDTH = 12
const SHARE_WIDTH = 40

/** The table and what belongs to it, as lines. */
export function tableLines(view: View, paint: Paint): string[] {
  const { atSeconds, ofSeconds, commands, journal } = view
  return [
    `${paint('bold', `${atSeconds.toFixed(0)} s of ${String(ofSeconds)}`)}   ${progressText(view)}   ${registryText(view)}`,
    '',
    paint('dim', HEADINGS.map((heading, index) => cell(heading, index)).join('')),
    ...commands.map((command) => tableRow(command, paint)),
    '',
    ...commands.filter(({ shares }) => shares.length > 0).map(({ shares }) => sharesLine(shares, paint)),
    '',
    ...journal.map((line) => paint('dim', line)),
  ]
}

/** The same moment in one line. */
export function plainLine(view: View): string {
  const parts = view.commands.map(({ name, fault, row, shares: instances }) => {
    const state = fault === undefined ? (row?.state ?? '–') : `${row?.state ?? '–'} (${fault})`
    const latency = `${whole(row?.p50Ms)}/${whole(row?.p99Ms)} ms`
    const shares = `err ${whole(row?.errorPercent)} %, fb ${whole(row?.fallbackPercent)} %`
    const text = `${name} ${state} ${whole(row?.ratePerSecond)}/s ${latency} ${shares}`
    return instances.length === 0 ? text : `${text}, ${plainShares(instances)}`
  })
  return `${view.atSeconds.toFixed(0).padStart(4)} s  ${parts.join(' | ')} | ${registryText(view)}`
}

/** A change of state, with its time since the start. */
export function changeLine({ command, from, to, reason }: StateChange, atSeconds: number): string {
  return `${atSeconds.toFixed(1).padStart(6)} s  ${command.padEnd(WIDTHS[0] ?? 0)}${from} → ${to} (${reason})`
}

/** What happened to the registry or to an instance, with its time since the start. */
export function eventLine(what: string, atSeconds: number): string {
  return `${atSeconds.toFixed(1).padStart(6)} s  ${what}`
}

/** What was promised beside what was seen, with the verdict as its last line. */
export function summaryLines(checks: readonly Check[], paint: Paint): string[] {
  const width = Math.max(...checks.map(({ promise }) => promise.length))
  return [
    `  ${paint('dim', `${'PROMISED'.padEnd(width)}   SEEN`)}`,
    ...checks.map(({ promise, seen, held }) => `${mark(held, paint)} ${promise.padEnd(width)}   ${seen}`),
    '',
    verdict(checks, paint),
  ]
}

function verdict(checks: readonly Check[], paint: Paint): string {
  const tried = checks.filter(({ held }) => held !== 'not tried')
  const broken = tried.filter(({ held }) => held === false).length
  const untried = checks.length - tried.length
  const rest = untried === 0 ? '' : ` ${String(untried)} not tried.`
  return broken === 0
    ? paint('green', `All ${String(tried.length)} promises held.${rest}`)
    : paint('red', `${String(broken)} of ${String(tried.length)} promises did not hold.${rest}`)
}

function mark(held: Check['held'], paint: Paint): string {
  if (held === 'not tried') return paint('dim', '–')
  return held ? paint('green', '✓') : paint('red', '✗')
}

function tableRow({ name, fault, row }: CommandView, paint: Paint): string {
  const state = row?.state ?? '–'
  const upstream = paint(fault === undefined ? 'green' : 'red', cell(fault ?? 'healthy', 1))
  const breaker = paint(state === 'closed' ? 'green' : state === 'open' ? 'red' : 'yellow', cell(state, 2))
  const numbers = [
    whole(row?.ratePerSecond),
    tenth(row?.errorPercent),
    tenth(row?.p50Ms),
    tenth(row?.p99Ms),
    tenth(row?.fallbackPercent),
    whole(row?.opened),
  ].map((text, index) => cell(text, FIRST_NUMBER + index))
  return [cell(name, 0), upstream, breaker, ...numbers].join('')
}

function sharesLine(shares: readonly ShareView[], paint: Paint): string {
  const texts = shares.map(
    ({ id, share, trouble = '' }) => `${id.padEnd(ID_WIDTH)}${`${percent(share)} %`.padStart(5)}  ${trouble}`,
  )
  return shares
    .map(({ trouble }, index) => {
      const text = (texts[index] ?? '').trimEnd()
      const gap = index === shares.length - 1 ? '' : ' '.repeat(Math.max(1, SHARE_WIDTH - text.length))
      return (trouble === undefined ? text : paint('red', text)) + gap
    })
    .join('')
}

/** In the order of the instances, with a mark at those that are in trouble. */
function plainShares(instances: readonly ShareView[]): string {
  const marked = instances.map(({ share, trouble }) => `${percent(share)}${trouble === undefined ? '' : '!'}`)
  return `shares ${marked.join('/')} %`
}

function percent(share: number | undefined): string {
  return whole(share === undefined ? undefined : share * 100)
}

function progressText({ progress }: View): string {
  if (progress === undefined) return 'starting'
  const { sent, answered, inFlight, late } = progress
  return `${String(sent)} pages asked for, ${String(answered)} answered, ${String(inFlight)} in flight, ${String(late)} late`
}

function registryText({ registered }: View): string {
  if (registered === undefined) return 'registry: no answer'
  return `registry: ${String(registered.up)} of ${String(registered.of)} up`
}

function cell(text: string, column: number): string {
  const width = WIDTHS[column] ?? 0
  return column < FIRST_NUMBER ? text.padEnd(width) : text.padStart(width)
}

function whole(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(0)
}

function tenth(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(1)
}
