import { describe, expect, test } from 'vitest'
import type { Host } from '../host.js'
import { AdaptivePicker } from './adaptive.js'
import { busy, dice, hostsOf, questionOf } from './picker.model.js'

interface State {
  /** What is expected of it. */
  readonly ms: number
  /** What it has answered in; the same, unless it has failed since. */
  readonly answeredMs?: number
  readonly inFlight?: number
  readonly weight?: number
  /** When its last call began. */
  readonly startedAt?: number
}

/** Hosts with such latencies. */
function expecting(...states: readonly State[]): Host[] {
  return hostsOf(states.length, (index) => ({ weight: states[index]!.weight ?? 1 })).map((host, index) => {
    const { ms, answeredMs = ms, inFlight = 0, startedAt = -Infinity } = states[index]!
    host.latency.answered(answeredMs, 0)
    host.latency.workOut = (fleet) => {
      Object.assign(host.latency, { workedOutFor: fleet, workedOutMs: ms })
    }
    return Object.assign(host, { inFlight, startedAt })
  })
}

/** Asks with numbers of chance, and counts those that were used. */
function ask(
  hosts: readonly Host[],
  draws: readonly number[],
  exclude: readonly Host[] = [],
): { compared: unknown[]; thrown: number; chosen: Host } {
  let thrown = 0
  const random = dice(...draws)
  const question = questionOf({ exclude, random: { next: () => (thrown++, random.next()) } })
  const chosen = new AdaptivePicker(hosts).pick(question)!
  const compared = [chosen.id, question.chosenScore, question.rival?.id, question.rivalScore]
  return { compared, thrown, chosen }
}

describe('of the first and the second', () => {
  test.each<[string, State, State, 'i0' | 'i1']>([
    ['the faster, from a fifth less on', { ms: 10, startedAt: 1 }, { ms: 8, startedAt: 2 }, 'i1'],
    [
      'the first, where the second is a quarter slower',
      { ms: 8, startedAt: 2 },
      { ms: 10, startedAt: 1 },
      'i0',
    ],
    [
      'the first of two alike that had its turn before',
      { ms: 10, startedAt: 1 },
      { ms: 9, startedAt: 2 },
      'i0',
    ],
    [
      'the second of two alike that had its turn before',
      { ms: 9, startedAt: 2 },
      { ms: 10, startedAt: 1 },
      'i1',
    ],
    ['the first of two alike that had their turns at once', { ms: 10 }, { ms: 9 }, 'i0'],
    [
      'the less busy of two alike, whatever the product says',
      { ms: 10, inFlight: 9 },
      { ms: 12, inFlight: 8, startedAt: 1 },
      'i1',
    ],
    [
      'the first of two alike that is less busy',
      { ms: 12, inFlight: 8, startedAt: 1 },
      { ms: 10, inFlight: 9 },
      'i0',
    ],
    ['the first, where the product is the same', { ms: 20 }, { ms: 10, inFlight: 1 }, 'i0'],
    ['the lower product, where they are not alike', { ms: 10, inFlight: 3 }, { ms: 30 }, 'i1'],
    ['the lower product, where the second is slower', { ms: 10, inFlight: 3 }, { ms: 30, inFlight: 1 }, 'i0'],
  ])('%s is chosen', (_, first, second, chosen) => {
    expect(ask(expecting(first, second), [0, 0]).chosen.id).toBe(chosen)
  })

  test('the first is chosen of two alike where weights differ, whoever had its turn before', () => {
    const hosts = expecting({ ms: 10, weight: 1, startedAt: 2 }, { ms: 10, weight: 3, startedAt: 1 })

    expect(ask(hosts, [0, 0, 0.9, 0]).chosen.id).toBe('i0')
  })
})

describe('a score', () => {
  test('is the latency to expect for each call in flight and the next one', () => {
    const [host] = expecting({ ms: 10, inFlight: 2 }) as [Host]

    expect(new AdaptivePicker([host]).score(host, 0)).toBe(30)
  })

  test('counts calls that ended early without a verdict as if they went on', () => {
    const [host] = expecting({ ms: 10, inFlight: 2 }) as [Host]
    Object.assign(host.latency, { early: 2, earlyEnds: () => 1.5 })

    expect(new AdaptivePicker([host]).score(host, 0)).toBe(45)
  })

  test('counts calls in flight only, while nobody has answered', () => {
    const [host] = busy(4) as [Host]

    expect(new AdaptivePicker([host]).score(host, 0)).toBe(5)
  })

  test('grows while calls in flight wait, and is worked out anew for a later look at the fleet', () => {
    const [host] = hostsOf(1, () => ({})) as [Host]
    host.latency.answered(10, 0)
    host.latency.failed(1_000, 0)
    const picker = new AdaptivePicker([host])
    const [failed, soon, later] = [0, 99, 5_000].map((now) => picker.score(host, now)) as [
      number,
      number,
      number,
    ]
    host.started(5_000)

    expect(soon).toBe(failed)
    expect(later).toBeLessThan(failed / 3)
    expect(picker.score(host, 30_000)).toBe(2 * 25_000)
  })
})

describe('when one of the two is bad', () => {
  const good = { ms: 1 }
  // i0 and i1 are drawn first, i2 then by 0.4, and i3 by 0.6.
  const worldOf = (first: State, second: State): Host[] => expecting(first, second, good, good, good)

  test('one more is drawn in its place, and of the good ones the better is chosen', () => {
    expect(ask(worldOf({ ms: 10 }, { ms: 100 }), [0, 0, 0.4]).compared).toEqual(['i2', 1, 'i0', 10])
    expect(ask(worldOf({ ms: 1, startedAt: 5 }, { ms: 100 }), [0, 0, 0.4]).compared).toEqual([
      'i2',
      1,
      'i0',
      1,
    ])
  })

  test('two more are drawn when both are, and the last was compared with the one before', () => {
    const hosts = expecting({ ms: 100 }, { ms: 101 }, good, { ms: 2 }, good)

    expect(ask(hosts, [0, 0, 0.4, 0.6])).toMatchObject({
      compared: ['i2', 1, 'i3', 2],
      thrown: 4,
    })
  })

  test('bad is three times the median, for as many calls', () => {
    const thrownFor = (ms: number, inFlight: number): number =>
      ask(worldOf({ ms: 0.5 }, { ms, inFlight }), [0, 0, 0.4]).thrown

    expect([thrownFor(3, 0), thrownFor(3, 3)]).toEqual([2, 2])
    expect([thrownFor(3.1, 0), thrownFor(3.1, 3)]).toEqual([3, 3])
  })

  test('six more are drawn at most, and the same one again changes nothing', () => {
    expect(ask(worldOf({ ms: 100 }, { ms: 130 }), [0])).toMatchObject({
      compared: ['i0', 100, 'i1', 130],
      thrown: 8,
    })
  })

  test('no more are drawn of two, and more of three', () => {
    const failing = { ms: 100, answeredMs: 1 }

    expect(ask(expecting(failing, failing), [0]).thrown).toBe(2)
    expect(ask(expecting(failing, failing, good), [0, 0, 0.9]).chosen.id).toBe('i2')
  })

  test('by weight where weights differ', () => {
    const hosts = expecting(
      { ms: 100, weight: 2 },
      { ms: 101, weight: 2 },
      { ms: 1, weight: 4 },
      { ms: 1, weight: 4 },
    )

    // The columns of i0, of i1 and of i3.
    expect(ask(hosts, [0, 0, 0.3, 0, 0.9, 0]).chosen.id).toBe('i3')
  })

  test('no more are drawn where the caller excludes any, and others where one is full', () => {
    const hosts = worldOf({ ms: 100 }, { ms: 101 })
    const draws = [0, 0.2, 0.4, 0.6, 0.6]
    const excluding = ask(hosts, draws, [hosts[4]!])
    hosts[2]!.isFull = true
    const question = questionOf({ random: dice(...draws) })
    question.full = 1

    expect([excluding.chosen.id, excluding.thrown]).toEqual(['i0', 2])
    expect(new AdaptivePicker(hosts).pick(question)?.id).toBe('i3')
  })
})

describe('when the two are alike and equally loaded', () => {
  const alike = (count: number): Host[] =>
    expecting(...Array.from({ length: count }, (): State => ({ ms: 10 })))

  test('a third is drawn, which is chosen if it has waited longer', () => {
    const third = (startedAt: number): unknown =>
      ask(expecting({ ms: 10, startedAt: 3 }, { ms: 11, startedAt: 2 }, { ms: 9, startedAt }), [0, 0, 0.9])

    expect([third(1), third(4)]).toMatchObject([
      { chosen: { id: 'i2' }, thrown: 3 },
      { chosen: { id: 'i1' }, thrown: 3 },
    ])
  })

  test.each<[string, State, State]>([
    ['a quarter slower', { ms: 10 }, { ms: 12.5 }],
    ['a quarter faster', { ms: 12.5 }, { ms: 10 }],
    ['busier', { ms: 10, inFlight: 8 }, { ms: 10, inFlight: 9 }],
    ['less busy', { ms: 10, inFlight: 9 }, { ms: 10, inFlight: 8 }],
  ])('but not when the second is %s', (_, first, second) => {
    expect(ask(expecting(first, second, { ms: 10 }, { ms: 10 }), [0]).thrown).toBe(2)
  })

  test('but not where weights differ, or the caller excludes any', () => {
    const [hosts, light] = [alike(4), { ms: 10, weight: 1 }]

    expect(ask(expecting(light, light, { ms: 10, weight: 2 }), [0, 0, 0.4, 0]).thrown).toBe(4)
    expect(ask(hosts, [0, 0.3], [hosts[3]!]).thrown).toBe(2)
  })

  test('but not of two hosts, or of more than a hundred', () => {
    expect([2, 3, 100, 101].map((count) => ask(alike(count), [0]).thrown)).toEqual([2, 3, 3, 2])
  })
})

describe('the chosen one is told', () => {
  test.each([
    [[30, 10, 20], 20],
    [[30, 10], 10],
    [[9], 9],
  ])('of latencies of %j a median of %i', (latencies, median) => {
    const { chosen } = ask(expecting(...latencies.map((ms) => ({ ms }))), [0])

    expect(chosen.latency.fleet?.log).toBe(Math.log(median))
  })

  test('nothing of the fleet while nobody has answered', () => {
    const [host] = busy(0) as [Host]
    ask([host], [0])

    expect(host.latency.fleet).toBeUndefined()
  })

  test('how many calls are in flight to a host in the mean', () => {
    const hosts = expecting(...[3, 1, 1, 3].map((inFlight) => ({ ms: 10, inFlight })))

    expect(ask(hosts, [0]).chosen.latency.fleet?.load).toBe(2)
  })
})

test('nobody is chosen where all are excluded', () => {
  const hosts = expecting({ ms: 1 }, { ms: 1 }, { ms: 1 })

  expect(new AdaptivePicker(hosts).pick(questionOf({ exclude: hosts }))).toBeUndefined()
})
