import { seededRandom } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { ServerChoice } from './attempts.js'
import { namesInTxt } from './dns-names.js'

interface Server {
  readonly base: string
}

const servers = (names: string): Server[] => [...names].map((base) => ({ base }))
const OPTIONS = { sessionMs: 1_000, quarantineShare: 0.66, maxAttempts: 8 }
const choice = (): ServerChoice<Server> => new ServerChoice(OPTIONS, seededRandom(1), 0)

/** Who is asked in one operation without an answer. */
function asked(subject: ServerChoice<Server>, names: string, now = 0): string {
  let bases = ''
  for (const server of subject.attempts(servers(names), now)) {
    bases += server.base
    subject.failed(server)
  }
  return bases
}

test('another server that fails does not take the place of the one that answered, its own failure does', () => {
  const subject = choice()
  subject.succeeded({ base: 'b' })
  subject.failed({ base: 'c' })

  expect(asked(subject, 'abcdefgh')[0]).toBe('b')
  expect(asked(subject, 'abcdefgh')[0]).not.toBe('b')
})

test('nobody is asked twice in an operation, though it says neither good nor bad of him', () => {
  const subject = choice()
  subject.succeeded({ base: 'a' })

  expect(Array.from(subject.attempts(servers('ab'), 0), ({ base }) => base)).toEqual(['a', 'b'])
})

test('who answers is out of quarantine', () => {
  const subject = choice()
  subject.failed({ base: 'a' })
  subject.succeeded({ base: 'a' })

  expect(subject.quarantined).toBe(0)
})

test('who answers is no longer behind those who did not fail', () => {
  const subject = choice()
  subject.failed({ base: 'a' })
  for (const base of 'ab') subject.succeeded({ base })

  expect(asked(subject, 'bac')).toBe('bac')
})

test('those in quarantine are not asked, even after all others', () => {
  const subject = choice()
  for (const base of 'abc') subject.failed({ base })

  expect(asked(subject, 'abcdefgh')).toBe('defgh')
})

test('the quarantine forgets who is in the list no more, and ends with the session', () => {
  const [moved, older] = [choice(), choice()]
  for (const base of 'abc') {
    moved.failed({ base })
    older.failed({ base })
  }
  moved.attempts(servers('stuvwxyz'), 0).next()
  older.attempts(servers('abcdefgh'), 1_500).next()

  expect([moved.quarantined, older.quarantined]).toEqual([0, 0])
})

test('names in TXT records may stand in quotes side by side', () => {
  expect(namesInTxt([['"a.example""b.example"']])).toEqual(['a.example', 'b.example'])
})

test.each(['a.-b', 'a.b!c', 'a..b', `${'a'.repeat(63)}.`.repeat(4)])('%s is no name of a host', (name) => {
  expect(namesInTxt([[name]])).toEqual([])
})

test('of very many names the first 64 count', () => {
  const names = Array.from({ length: 65 }, (_, index) => `h${String(index)}`)

  expect(namesInTxt([names])).toEqual(names.slice(0, 64))
})
