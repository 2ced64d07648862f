import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { changeLine, eventLine, painter, plainLine, summaryLines, tableLines } from './table.ts'
import type { View } from './table.ts'

const VIEW: View = {
  atSeconds: 12.4,
  ofSeconds: 45,
  progress: { kind: 'progress', sent: 1200, answered: 1190, inFlight: 10, late: 0 },
  registered: { up: 5, of: 6 },
  journal: ['  11.0 s  users      closed → open (error-rate)'],
  commands: [
    {
      name: 'users',
      fault: 'slow',
      row: {
        state: 'open',
        ratePerSecond: 99.6,
        errorPercent: 97.5,
        p50Ms: 181.25,
        p99Ms: 184,
        fallbackPercent: 100,
        opened: 2,
      },
      shares: [
        { id: 'users-1', share: 0.965, trouble: undefined },
        { id: 'users-2', share: 0.035, trouble: 'slow-instance' },
      ],
    },
    {
      name: 'orders',
      fault: undefined,
      row: {
        state: 'closed',
        ratePerSecond: 100,
        errorPercent: undefined,
        p50Ms: undefined,
        p99Ms: undefined,
        fallbackPercent: 0,
        opened: 0,
      },
      shares: [{ id: 'orders-1', share: undefined, trouble: undefined }],
    },
    { name: 'prices', fault: undefined, row: undefined, shares: [] },
  ],
}

test('shows each command with its state, numbers and fault in columns', () => {
  expect(tableLines(VIEW, painter(false))).toEqual([
    '12 s of 45   1200 pages asked for, 1190 answered, 10 in flight, 0 late   registry: 5 of 6 up',
    '',
    'SERVICE    UPSTREAM  BREAKER      RATE/S  ERROR %  P50 MS  P99 MS  FALLBACK %  OPENED',
    'users      slow      open            100     97.5   181.3   184.0       100.0       2',
    'orders     healthy   closed          100        –       –       –         0.0       0',
    'prices     healthy   –                 –        –       –       –           –       –',
    '',
    'users-1      97 %                       users-2       4 %  slow-instance',
    'orders-1      – %',
    '',
    '  11.0 s  users      closed → open (error-rate)',
  ])
})

test('colours change no letter', () => {
  const coloured = tableLines(VIEW, painter(true))

  expect(coloured.join('\n')).toContain('\u001B[')
  expect(coloured.map(stripVTControlCharacters)).toEqual(tableLines(VIEW, painter(false)))
})

test('says the same in one line', () => {
  expect(plainLine(VIEW)).toBe(
    '  12 s  users open (slow) 100/s 181/184 ms err 98 %, fb 100 %, shares 97/4! % | ' +
      'orders closed 100/s –/– ms err – %, fb 0 %, shares – % | prices – –/s –/– ms err – %, fb – % | registry: 5 of 6 up',
  )
})

test('tells a change of state with its time and reason', () => {
  const change = {
    kind: 'transition',
    command: 'users',
    from: 'closed',
    to: 'open',
    reason: 'error-rate',
    atMs: 0,
  } as const

  expect(changeLine(change, 2.46)).toBe('   2.5 s  users      closed → open (error-rate)')
})

test('says when the registry does not answer', () => {
  expect(plainLine({ ...VIEW, registered: undefined })).toMatch(/ \| registry: no answer$/)
})

test('tells an event with its time', () => {
  expect(eventLine('orders-2 is up again', 12.46)).toBe('  12.5 s  orders-2 is up again')
})

test('marks each promise as held or not, and ends with the verdict', () => {
  const kept = { promise: 'all answered', seen: '10 × 200', held: true }
  const broken = { promise: 'in time', seen: '1 late', held: false }

  expect(summaryLines([kept], painter(false)).at(-1)).toBe('All 1 promises held.')
  expect(summaryLines([kept, broken], painter(false))).toEqual([
    '  PROMISED       SEEN',
    '✓ all answered   10 × 200',
    '✗ in time        1 late',
    '',
    '1 of 2 promises did not hold.',
  ])
})

test('neither praises nor blames for what was not tried', () => {
  const kept = { promise: 'all answered', seen: '10 × 200', held: true }
  const untried = { promise: 'comes back', seen: 'not tried', held: 'not tried' } as const

  expect(summaryLines([kept, untried], painter(false)).slice(-3)).toEqual([
    '– comes back     not tried',
    '',
    'All 1 promises held. 1 not tried.',
  ])
})
