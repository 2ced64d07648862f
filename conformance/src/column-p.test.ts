/** What our own line is meant to do where the versions of Hystrix do something else, or where their breaker decides: column P of the scenarios. */
import { describe, expect, it } from 'vitest'
import { scenarioAt, SCENARIOS } from './files.ts'
import { replay } from './replay/replay.ts'
import type { ErrorTrace, ExecTrace, NumbersTrace } from './trace/trace.ts'

/** Of an execution: its events, then its value, or what its error must say. */
type Answer = readonly [events: string, answer: string | Partial<ErrorTrace> | undefined]
/** Of a probe: open, total, errors, percent. */
type Health = readonly [boolean, number, number, number]

interface Column {
  readonly execs: Readonly<Record<string, Answer>>
  readonly probes?: Readonly<Record<number, Health>>
}

const OK: Answer = ['SUCCESS', 'ok']
const REFUSED: Answer = ['SHORT_CIRCUITED,FALLBACK_SUCCESS', 'fb']
const FAILED: Answer = ['FAILURE,FALLBACK_SUCCESS', 'fb']
const BAD_REQUEST = 'HystrixBadRequestException'

const COLUMN_P: Readonly<Record<string, Column>> = {
  'S02: a fallback that is not there is no error': {
    execs: { a: ['FAILURE,FALLBACK_MISSING', { failureType: 'COMMAND_EXCEPTION', fallbackError: null }] },
  },
  'S07: errors of the work are failures of the work': {
    execs: {
      ...{ rej: FAILED, tx: FAILED, as: FAILED },
      a: ['BAD_REQUEST', { type: BAD_REQUEST }],
      b: ['BAD_REQUEST', { type: 'NW' }],
      so: ['FAILURE', { failureType: 'COMMAND_EXCEPTION' }],
      uoefb: ['FAILURE,FALLBACK_FAILURE', { fallbackError: 'UnsupportedOperationException' }],
    },
    probes: { 1_100: [false, 9, 9, 100] },
  },
  'S12: a refused fallback keeps the cause': {
    execs: {
      b: [
        'FAILURE,FALLBACK_REJECTION',
        { failureType: 'REJECTED_SEMAPHORE_FALLBACK', cause: 'RuntimeException' },
      ],
    },
  },
  'S13: failures are seen when their bucket is closed': {
    execs: {
      early: OK,
      sc: REFUSED,
      scnofb: ['SHORT_CIRCUITED,FALLBACK_MISSING', { failureType: 'SHORTCIRCUIT' }],
    },
    probes: { 40: [false, 0, 0, 0], 280: [true, 5, 4, 80] },
  },
  'S14: below the volume it stays closed': { execs: { x: OK }, probes: { 270: [false, 3, 3, 100] } },
  'S15: volume and percentage are inclusive': { execs: { x: REFUSED }, probes: { 270: [true, 4, 2, 50] } },
  'S16: percentages are cut off': { execs: { x: OK }, probes: { 270: [false, 3, 2, 66] } },
  'S17: a good trial closes, and is counted': {
    execs: { sc1: REFUSED, trial: OK, after: OK },
    probes: { 1_000: [false, 1, 0, 0], 1_200: [false, 2, 0, 0] },
  },
  'S18: a failed trial begins another sleep window': {
    execs: { sc1: REFUSED, trial: FAILED, sc2: REFUSED, trial2: OK, after: OK },
  },
  'S19: who is refused takes the trial nothing': {
    execs: { sc1: REFUSED, trial: OK, during: REFUSED, after: OK },
    probes: { 1_300: [false, 1, 0, 0] },
  },
  'S20: one trial, however slow, and its success closes': {
    execs: { sc1: REFUSED, trial: OK, second: REFUSED },
    probes: { 1_900: [false, 1, 0, 0] },
  },
  'S21: after a bad request the next call is the trial': {
    execs: { sc1: REFUSED, trial: ['BAD_REQUEST', { type: BAD_REQUEST }], n1: OK, n2: OK },
    probes: { 1_100: [false, 1, 0, 0] },
  },
  'S22: after a cancelled trial too': {
    execs: { sc1: REFUSED, trial: ['CANCELLED', undefined], n1: OK, n2: OK },
  },
  'S23: a late success closes nothing': {
    execs: { slow: OK, sc1: REFUSED, sc2: REFUSED },
    probes: { 560: [true, 5, 4, 80] },
  },
  'S24: forced states win, and it opens underneath': {
    execs: { ok: OK, fo: REFUSED, fc: FAILED, aft: REFUSED },
    probes: { 70: [true, 0, 0, 0], 420: [false, 8, 7, 87], 450: [true, 8, 7, 87] },
  },
  'S28: a cached command needs a request': {
    execs: { noctx: ['', { failureType: 'COMMAND_EXCEPTION', cause: 'IllegalStateException' }] },
  },
  'S33: an argument twice is refused at once': {
    execs: { c0: ['', 'v:a'], c1: ['', { type: 'IllegalArgumentException' }], c2: ['', 'v:b'] },
  },
  'S34: an answer that is missing is an error of that request': {
    execs: { c0: ['', 'v:a'], c1: ['', { type: 'IllegalStateException' }] },
  },
  'S38: a request that ends takes its calls along': {
    execs: { c0: ['', { type: 'IllegalStateException' }], c1: ['', { type: 'IllegalStateException' }] },
  },
  'S43: the permit is held until the work has ended': {
    execs: { a: ['TIMEOUT,FALLBACK_SUCCESS', 'fb'], b: ['SEMAPHORE_REJECTED,FALLBACK_SUCCESS', 'fb'] },
  },
  'S45: a late success does not end the trial': {
    execs: { slow: OK, sc1: REFUSED, trial: FAILED, n1: REFUSED },
    probes: { 1_150: [true, 5, 4, 80], 1_600: [true, 6, 5, 83] },
  },
  'S46: neither does a late failure': {
    execs: { slow: FAILED, sc1: REFUSED, trial: OK, n1: OK, n2: OK },
    probes: { 1_300: [false, 1, 0, 0] },
  },
  'S47: another definition of a key is an error': { execs: { b: ['', { type: 'InvalidOptionsError' }] } },
}

function answerOf({ events = [], value, error }: ExecTrace, expected: Answer[1]): Answer {
  if (typeof expected !== 'object') return [events.join(), value]
  return [events.join(), Object.fromEntries(Object.entries(error ?? {}).filter(([name]) => name in expected))]
}

function healthOf({ open, total, errors, pct }: NumbersTrace): Health {
  return [open === true, total, errors, pct]
}

describe('our own line in column P', () => {
  it.each(Object.entries(COLUMN_P))('%s', async (title, { execs, probes = {} }) => {
    const { trace } = await replay(scenarioAt(`${SCENARIOS}/${title.slice(0, 3)}.json`), 'port')

    const answers = Object.entries(execs).map(([id, [, answer]]) => {
      const exec = trace.execs[id]
      return [id, exec === undefined ? undefined : answerOf(exec, answer)]
    })
    expect(Object.fromEntries(answers)).toEqual(execs)
    const health = trace.probes.flatMap((probe) => ('log' in probe ? [] : [[probe.at, healthOf(probe)]]))
    expect(Object.keys(probes).length === 0 ? {} : Object.fromEntries(health)).toEqual(probes)
  })

  it('S42: counts from the first call on', async () => {
    const { trace } = await replay(scenarioAt(`${SCENARIOS}/S42.json`), 'port')

    expect(trace.probes).toMatchObject([
      { at: 50 },
      {
        ...{ at: 700, total: 7, errors: 3, pct: 42 },
        rolling: { SUCCESS: 4, FAILURE: 3, FALLBACK_SUCCESS: 2, FALLBACK_FAILURE: 1, EXCEPTION_THROWN: 1 },
      },
      { at: 2_000, rolling: {}, cumulative: { SUCCESS: 4, FAILURE: 3 } },
    ])
  })

  it('S44: throws nothing from a call', async () => {
    const { trace } = await replay(scenarioAt(`${SCENARIOS}/S44.json`), 'port')

    expect(trace.execs['q']).toMatchObject({
      queued: true,
      events: ['SHORT_CIRCUITED', 'FALLBACK_MISSING'],
      error: { failureType: 'SHORTCIRCUIT' },
      latency: -1,
    })
  })
})
