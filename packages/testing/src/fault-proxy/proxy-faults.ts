/** The faults of a proxy: what each takes, and which are in force. */
import { readOptions } from '@breakwater/kernel'
import type { ShapeSettings } from './core/shaper.js'

/** `down` = from the target to the client, `up` = the other way. */
export type Direction = 'up' | 'down'

interface OneWay {
  /** Absent: both ways. */
  readonly direction?: Direction | undefined
}

export interface LatencyFault extends OneWay {
  readonly delayMs: number
  /** Up to so much more, evenly spread and by chance, for each chunk. Default 0. */
  readonly jitterMs?: number | undefined
}

export interface RateFault extends OneWay {
  readonly bytesPerSecond: number
}

export interface SliceFault extends OneWay {
  /** Largest piece. Default 1. */
  readonly bytes?: number | undefined
  /** From one piece to the next. Default 10. */
  readonly everyMs?: number | undefined
}

export interface CorruptFault extends OneWay {
  /** Of each byte, above 0 to 1. Default 0.01. */
  readonly chance?: number | undefined
}

export interface CutFault {
  /** Bytes of answers that each connection gets through first. Default 0: at once, also for open connections. */
  readonly afterBytes?: number | undefined
}

export interface HttpFault {
  readonly status: number
  /** Default none. */
  readonly body?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Requests whose path, with its query, begins so. Default all. */
  readonly path?: string | undefined
  /** How many requests; default: until healed. */
  readonly count?: number | undefined
}

/** What is in force; absent = nothing. */
export interface ProxyFaults {
  readonly latency?: LatencyFault
  readonly rate?: RateFault
  readonly slice?: SliceFault
  readonly corrupt?: CorruptFault
  readonly reset?: CutFault
  readonly halfClose?: CutFault
  readonly blackhole?: object
  readonly answer?: HttpFault
}

export type ProxyFaultName = keyof ProxyFaults

export const PROXY_FAULTS: readonly ProxyFaultName[] = [
  'latency',
  'rate',
  'slice',
  'corrupt',
  'reset',
  'halfClose',
  'blackhole',
  'answer',
]

const DIRECTIONS = ['up', 'down'] as const
const MAX_BYTES = 2 ** 40

/** Whether a fault concerns a direction. */
export function concerns(fault: OneWay | undefined, direction: Direction): boolean {
  return fault !== undefined && (fault.direction === undefined || fault.direction === direction)
}

/** What the shaper of a direction has to do. */
export function shapeOf({ latency, rate, slice }: ProxyFaults, direction: Direction): ShapeSettings {
  return {
    latency:
      latency !== undefined && concerns(latency, direction)
        ? { delayMs: latency.delayMs, jitterMs: latency.jitterMs ?? 0 }
        : undefined,
    bytesPerSecond: concerns(rate, direction) ? rate?.bytesPerSecond : undefined,
    slice:
      slice !== undefined && concerns(slice, direction)
        ? { bytes: slice.bytes ?? 1, everyMs: slice.everyMs ?? 10 }
        : undefined,
  }
}

export function readLatency(fault: LatencyFault): LatencyFault {
  const read = readOptions('FaultProxy.latency', fault, ['delayMs', 'jitterMs', 'direction'])
  const delayMs = read.durationMs('delayMs', 0)
  if (!read.has('delayMs')) read.issue('delayMs', undefined, 'a number of milliseconds')
  const jitterMs = read.durationMs('jitterMs', 0)
  const direction = read.oneOf('direction', undefined, DIRECTIONS)
  read.finish()
  return { delayMs, jitterMs, direction }
}

export function readRate(fault: RateFault): RateFault {
  const read = readOptions('FaultProxy.rate', fault, ['bytesPerSecond', 'direction'])
  const bytesPerSecond = read.number('bytesPerSecond', 1, { min: 0.001, max: MAX_BYTES })
  if (!read.has('bytesPerSecond')) read.issue('bytesPerSecond', undefined, 'a number')
  const direction = read.oneOf('direction', undefined, DIRECTIONS)
  read.finish()
  return { bytesPerSecond, direction }
}

export function readSlice(fault: SliceFault | undefined): SliceFault {
  const read = readOptions('FaultProxy.slice', fault, ['bytes', 'everyMs', 'direction'])
  const bytes = read.integer('bytes', 1, { min: 1, max: MAX_BYTES })
  const everyMs = read.durationMs('everyMs', 10)
  const direction = read.oneOf('direction', undefined, DIRECTIONS)
  read.finish()
  return { bytes, everyMs, direction }
}

export function readCorrupt(fault: CorruptFault | undefined): CorruptFault {
  const read = readOptions('FaultProxy.corrupt', fault, ['chance', 'direction'])
  const chance = read.number('chance', 0.01, { min: Number.MIN_VALUE, max: 1 })
  const direction = read.oneOf('direction', undefined, DIRECTIONS)
  read.finish()
  return { chance, direction }
}

export function readCut(name: 'reset' | 'halfClose', fault: CutFault | undefined): CutFault {
  const read = readOptions(`FaultProxy.${name}`, fault, ['afterBytes'])
  const afterBytes = read.integer('afterBytes', 0, { min: 0, max: MAX_BYTES })
  read.finish()
  return { afterBytes }
}

export function readAnswer(fault: HttpFault): HttpFault {
  const read = readOptions('FaultProxy.answer', fault, ['status', 'body', 'headers', 'path', 'count'])
  const status = read.integer('status', 500, { min: 200, max: 599 })
  if (!read.has('status')) read.issue('status', undefined, 'a status from 200 to 599')
  const body = read.string('body', '', { maxLength: 1_000_000 })
  const path = read.string('path', '')
  const count = read.integer('count', undefined, { min: 1 })
  const headers = read.custom<Record<string, string>, Record<string, string>>('headers', {}, (value) =>
    typeof value === 'object' && value !== null ? undefined : 'an object of header names and values',
  )
  read.finish()
  return { status, body, path, count, headers: { ...headers } }
}
