// What the load generator counts: every request by what became of it, and every part of every page by who answered it.

import { LatencyHistogram } from '@breakwater/kernel'
import { noAnswers, SOURCES, TimelineKeeper } from './timeline.ts'
import type { PartAnswer, Source, Timeline } from './timeline.ts'

/** Which part of the page is whose. Each service of the client is a command of its name. */
const PARTS = { user: 'users', orders: 'orders', prices: 'prices' } as const
export type CommandName = (typeof PARTS)[keyof typeof PARTS]
export const COMMANDS: readonly CommandName[] = Object.values(PARTS)

/** One of these for each command. */
export function byCommand<T>(make: (command: CommandName) => T): Record<CommandName, T> {
  // All names are there.
  return Object.fromEntries(COMMANDS.map((command) => [command, make(command)])) as Record<CommandName, T>
}

/** One answer as the client saw it. `sentAt` and all durations in milliseconds. */
export interface Answer {
  readonly status: number
  readonly body: string
  readonly sentAt: number
  readonly latencyMs: number
  /** For how long the load generator itself could not look, at worst, while it waited. */
  readonly lagMs: number
}

export interface CommandTally {
  readonly answers: Readonly<Record<Source, number>>
  /** Unix time of the last answer by the fallback; absent when there was none. */
  readonly lastFallbackAt?: number | undefined
  readonly timeline: Timeline
}

/** An answer that came `overMs` after its time; Unix times. */
export interface LateAnswer {
  readonly sentAt: number
  readonly endedAt: number
  readonly overMs: number
}

/** Everything counted, as data. */
export interface Tally {
  readonly sent: number
  /** Not sent, because too many were in flight. */
  readonly skipped: number
  readonly statuses: Readonly<Record<string, number>>
  /** Requests without an answer, by error. */
  readonly lost: Readonly<Record<string, number>>
  /** Answers that are no page. */
  readonly malformed: number
  readonly commands: Readonly<Record<CommandName, CommandTally>>
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number }
  /** Answers that took longer than their budget and the load generator's own lag. */
  readonly late: number
  /** Of the worst of them. */
  readonly latestByMs: number
  /** The first of them. */
  readonly lateAnswers: readonly LateAnswer[]
  /** How long requests were sent after their time. */
  readonly sendLag: { readonly p99: number; readonly max: number }
}

const MAX_LATE = 1_000

export class TallyKeeper {
  private sent = 0
  private skipped = 0
  private malformed = 0
  private late = 0
  private latestByMs = 0
  private readonly lateAnswers: LateAnswer[] = []
  private readonly statuses: Record<string, number> = {}
  private readonly lost: Record<string, number> = {}
  private readonly latency = new LatencyHistogram()
  private readonly sendLag = new LatencyHistogram()
  private readonly answers: Record<CommandName, Record<Source, number>> = byCommand(noAnswers)
  private readonly timelines = byCommand(() => new TimelineKeeper())
  private readonly lastFallbackAt: Partial<Record<CommandName, number>> = {}
  private readonly budgetMs: number

  constructor(budgetMs: number) {
    this.budgetMs = budgetMs
  }

  requestSent(lagMs: number): void {
    this.sent++
    this.sendLag.record(lagMs)
  }

  requestSkipped(): void {
    this.skipped++
  }

  requestLost(error: string): void {
    this.lost[error] = (this.lost[error] ?? 0) + 1
  }

  answered({ status, body, sentAt, latencyMs, lagMs }: Answer): void {
    this.statuses[status] = (this.statuses[status] ?? 0) + 1
    this.latency.record(latencyMs)
    const overMs = latencyMs - this.budgetMs - lagMs
    if (overMs > 0) this.late++
    if (overMs > 0 && this.lateAnswers.length < MAX_LATE)
      this.lateAnswers.push({ sentAt, endedAt: sentAt + latencyMs, overMs })
    this.latestByMs = Math.max(this.latestByMs, overMs)
    const parts = partsOf(body)
    if (parts === undefined) {
      this.malformed++
      return
    }
    for (const name of COMMANDS) {
      const part = parts[name]
      this.answers[name][part.source]++
      this.timelines[name].add(part, sentAt)
      if (part.source !== 'upstream') this.lastFallbackAt[name] = sentAt + latencyMs
    }
  }

  get progress(): { readonly sent: number; readonly answered: number; readonly late: number } {
    return { sent: this.sent, answered: this.latency.count, late: this.late }
  }

  result(): Tally {
    const { sent, skipped, statuses, lost, malformed, late, latestByMs, lateAnswers } = this
    const { latency, sendLag } = this
    const [p50 = 0, p99 = 0] = latency.percentiles([50, 99])
    return {
      sent,
      skipped,
      statuses,
      lost,
      malformed,
      late,
      latestByMs,
      lateAnswers,
      commands: byCommand((name) => ({
        answers: this.answers[name],
        lastFallbackAt: this.lastFallbackAt[name],
        timeline: this.timelines[name].result(),
      })),
      latency: { p50, p99, max: latency.maxMs },
      sendLag: { p99: sendLag.percentile(99) ?? 0, max: sendLag.maxMs },
    }
  }
}

/** Who answered for each part of a page, or `undefined` when the text is no page. */
function partsOf(body: string): Record<CommandName, PartAnswer> | undefined {
  let page: unknown
  try {
    page = JSON.parse(body)
  } catch {
    return undefined
  }
  const found = Object.entries(PARTS).map(([part, name]) => [name, partOf(field(page, part))] as const)
  if (found.some(([, part]) => part === undefined)) return undefined
  // Every command has an answer, as has just been seen.
  return Object.fromEntries(found) as Record<CommandName, PartAnswer>
}

function partOf(part: unknown): PartAnswer | undefined {
  const from = field(part, 'from')
  if (from === 'upstream') return upstreamPart(part)
  const because = from === 'fallback' ? field(part, 'because') : undefined
  const source = SOURCES.find((each) => each !== 'upstream' && each === because)
  return source === undefined ? undefined : { source }
}

/** An upstream's answer says which instance it was, and what it was told. */
function upstreamPart(part: unknown): PartAnswer | undefined {
  const [by, attempt, leftMs] = [field(part, 'by'), field(part, 'attempt'), field(part, 'leftMs')]
  if (typeof by !== 'string' || typeof attempt !== 'number') return undefined
  return { source: 'upstream', by, attempt, leftMs: typeof leftMs === 'number' ? leftMs : undefined }
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
