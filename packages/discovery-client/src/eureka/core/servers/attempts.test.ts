import { seededRandom } from '@breakwater/kernel'
import type { Random } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { ServerChoice } from './attempts.js'
import type { ServerChoiceOptions } from './attempts.js'

interface Server {
  readonly base: string
}

const servers = (names: string): Server[] => [...names].map((base) => ({ base }))

function choice(
  options: Partial<ServerChoiceOptions> = {},
  random: Random = seededRandom(1),
): ServerChoice<Server> {
  const all = { sessionMs: 1_200_000, quarantineShare: 0.66, maxAttempts: 3, ...options }
  return new ServerChoice<Server>(all, random, 0)
}

/** Plays one operation: `good` servers answer. Returns those that were asked. */
function play(subject: ServerChoice<Server>, list: readonly Server[], good: string, now = 0): string {
  let asked = ''
  for (const server of subject.attempts(list, now)) {
    asked += server.base
    if (good.includes(server.base)) {
      subject.succeeded(server)
      break
    }
    subject.failed(server)
  }
  return asked
}

describe('the choice of servers', () => {
  test('stays with the one that worked, and forgets it when it fails', () => {
    const subject = choice()

    expect(play(subject, servers('abc'), 'bc')).toBe('ab')
    expect(play(subject, servers('abc'), 'bc')).toBe('b')
    expect(play(subject, servers('abc'), 'ac')).toBe('bc')
    expect(play(subject, servers('abc'), 'ac')).toBe('c')
  })

  test('asks three at most, each once', () => {
    expect(play(choice(), servers('abcde'), '')).toBe('abc')
    expect(play(choice(), servers('a'), '')).toBe('a')
    expect(play(choice(), servers('aab'), '')).toBe('ab')
    expect(play(choice(), [], '')).toBe('')
  })

  test('E12: asks a pinned server once only, also when it is the only one', () => {
    const subject = choice()
    play(subject, servers('a'), 'a')

    expect(play(subject, servers('a'), '')).toBe('a')
  })

  test('leaves those alone that failed, until they are two of three', () => {
    const subject = choice()

    expect(play(subject, servers('abcdefgh'), 'd')).toBe('abc')
    expect(subject.quarantined).toBe(3)
    expect(play(subject, servers('abcdefgh'), 'd')).toBe('d')
    expect(play(subject, servers('abcdefgh'), '')).toBe('def')
    expect(subject.quarantined).toBe(6)
    expect(play(subject, servers('abcdefgh'), 'a')).toBe('gha')
    expect(subject.quarantined).toBe(2)
  })

  test.each([
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 2],
  ])('of %i servers the quarantine holds fewer than %i before it is emptied', (count, limit) => {
    const list = servers('abcd'.slice(0, count))
    const subject = choice({ maxAttempts: 1 })
    play(subject, list, '')

    subject.attempts(list, 0).next()

    expect(subject.quarantined).toBe(1 >= limit ? 0 : 1)
  })

  test('asks whoever failed after the others, so that the only one that works is found', () => {
    const subject = choice()

    expect(play(subject, servers('abcd'), 'd')).toBe('abc')
    expect(play(subject, servers('abcd'), 'd')).toBe('d')
    expect(play(subject, servers('abcd'), '')).toBe('dab')
    expect(play(subject, servers('abcd'), 'a')).toBe('cda')
  })

  test('forgets servers in quarantine that are in the list no more', () => {
    const subject = choice()
    play(subject, servers('abcdefgh'), '')

    expect(play(subject, servers('wxyz'), 'w')).toBe('w')
    expect(subject.quarantined).toBe(0)
  })

  test('begins anew when the session is over', () => {
    const subject = choice({ sessionMs: 1_000 })
    play(subject, servers('abcdefgh'), 'c')

    expect(play(subject, servers('cab'), 'abc', 499)).toBe('c')
    expect(play(subject, servers('bac'), 'abc', 1_500)).toBe('b')
    expect(subject.sessionAgeMs(1_600)).toBe(100)
  })

  test.each([
    [0, 500],
    [0.5, 1_000],
    [0.875, 1_375],
  ])('a session of a second lasts, by a chance of %d, %i ms', (chance, lengthMs) => {
    const subject = choice({ sessionMs: 1_000 }, { next: () => chance })
    play(subject, servers('ab'), 'a')

    expect(play(subject, servers('ba'), 'ab', lengthMs - 1)).toBe('a')
    expect(play(subject, servers('ba'), 'ab', lengthMs)).toBe('b')
  })

  test('knows the server to which a redirect led', () => {
    const subject = choice()
    subject.succeeded({ base: 'elsewhere' })

    expect(play(subject, servers('ab'), 'ab')).toBe('elsewherea')
  })

  test('leaves a server that the list does not have any more, though it would answer', () => {
    const subject = choice()
    play(subject, servers('ab'), 'a')

    expect(play(subject, servers('bc'), 'abc')).toBe('b')
  })
})
