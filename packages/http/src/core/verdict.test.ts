import { expect, test } from 'vitest'
import type { FailureClass } from './failure-class.js'
import { isPassingStatus, isRedirect, isSafeToRepeat, originOfStatus, verdictOfStatus } from './verdict.js'

test.each([
  [200, 'success', false],
  [304, 'success', false],
  [404, 'success', false],
  [428, 'success', false],
  [429, 'failure', true],
  [499, 'success', false],
  [500, 'failure', true],
  [501, 'failure', false],
  [503, 'failure', true],
  [505, 'failure', false],
  [599, 'failure', true],
])('%d is a %s; that another try may do better: %s', (status, verdict, isPassing) => {
  expect(verdictOfStatus(status)).toBe(verdict)
  expect(isPassingStatus(status)).toBe(isPassing)
})

test.each([
  [429, 'throttled'],
  [500, 'answer'],
  [501, 'answer'],
  [502, 'gateway'],
  [503, 'gateway'],
  [504, 'gateway'],
  [505, 'answer'],
])('%d speaks for %s', (status, origin) => {
  expect(originOfStatus(status)).toBe(origin)
})

test.each([
  [200, false],
  [300, false],
  [301, true],
  [302, true],
  [303, true],
  [304, false],
  [305, false],
  [307, true],
  [308, true],
])('that %d leads elsewhere: %s', (status, leads) => {
  expect(isRedirect(status)).toBe(leads)
})

test.each<[boolean, boolean, FailureClass, boolean]>([
  [true, true, 'maybe-processed', true],
  [false, true, 'maybe-processed', false],
  [false, true, 'never-sent', true],
  [false, true, 'refused', true],
  [true, false, 'never-sent', false],
  [true, false, 'maybe-processed', false],
])(
  'idempotent %s, replayable %s, %s: safe to repeat: %s',
  (isIdempotent, isReplayable, failureClass, safe) => {
    expect(isSafeToRepeat({ isIdempotent, isReplayable }, failureClass)).toBe(safe)
  },
)

test('fetch follows five statuses, and no other', () => {
  const statuses = Array.from({ length: 500 }, (_, at) => 100 + at)

  expect(statuses.filter(isRedirect)).toEqual([301, 302, 303, 307, 308])
})
