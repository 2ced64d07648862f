// Writes to the terminal: a table that is redrawn in place or, where that cannot be, a line for each second.

import { changeLine, eventLine, painter, plainLine, summaryLines, tableLines } from './table.ts'
import type { Paint, View } from './table.ts'
import type { StateChange } from './messages.ts'
import type { Check } from './summary.ts'

const MAX_JOURNAL = 12
/** A line that wraps would be two to the terminal and one to us. */
const MIN_COLUMNS = 90
const UP = (lines: number): string => `\u001B[${String(lines)}A`
const CLEAR_BELOW = '\u001B[0J'
const HIDE_CURSOR = '\u001B[?25l'
const SHOW_CURSOR = '\u001B[?25h'

export class Screen {
  private readonly out: NodeJS.WriteStream
  private readonly redraws: boolean
  private readonly paint: Paint
  private drawnLines = 0
  private journal: string[] = []

  constructor(out: NodeJS.WriteStream, plain: boolean) {
    this.out = out
    this.redraws = out.isTTY && out.columns >= MIN_COLUMNS && !plain
    const { NO_COLOR = '' } = process.env
    this.paint = painter(this.redraws && NO_COLOR === '')
  }

  /** A line that stays. */
  say(line: string): void {
    this.erase()
    this.out.write(`${line}\n`)
  }

  /** A breaker changed its state. */
  changed(change: StateChange, atSeconds: number): void {
    this.note(changeLine(change, atSeconds))
  }

  /** Something happened to the registry or to an instance. */
  told(what: string, atSeconds: number): void {
    this.note(eventLine(what, atSeconds))
  }

  show(view: Omit<View, 'journal'>): void {
    const whole = { ...view, journal: this.journal }
    if (!this.redraws) {
      this.say(plainLine(whole))
      return
    }
    const lines = tableLines(whole, this.paint)
    // What has scrolled away cannot be redrawn.
    const fitting = lines.slice(0, Math.max(1, this.out.rows - 2))
    this.erase()
    this.out.write(`${HIDE_CURSOR}${fitting.join('\n')}\n`)
    this.drawnLines = fitting.length
  }

  summarise(checks: readonly Check[]): void {
    this.leave()
    this.out.write(`\n${summaryLines(checks, this.paint).join('\n')}\n`)
  }

  /** Leaves what is drawn where it is, and gives the cursor back. */
  leave(): void {
    if (this.drawnLines > 0) this.out.write(SHOW_CURSOR)
    this.drawnLines = 0
  }

  private note(line: string): void {
    if (this.redraws) this.journal = [...this.journal, line].slice(-MAX_JOURNAL)
    else this.say(line)
  }

  private erase(): void {
    if (this.drawnLines > 0) this.out.write(`${UP(this.drawnLines)}${CLEAR_BELOW}`)
    this.drawnLines = 0
  }
}
