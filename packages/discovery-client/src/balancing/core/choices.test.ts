import { seededRandom } from '@breakwater/kernel'
import { describe, expect, it, vi } from 'vitest'
import { instanceOf } from '../../sources/core/read-instances.js'
import { builtInPicker, STRATEGY_NAMES } from './built-in.js'
import { allowedOf, drawAny } from './draw.js'
import { endingOf } from './ending.js'
import { Host } from './host.js'
import { Question } from './question.js'
import { LeastRequestPicker } from './strategies/least-request.js'

/** One host for each weight. */
function hostsOf(...weights: readonly number[]): Host[] {
  return weights.map((weight, index) => {
    const host = new Host(instanceOf({ id: `i${String(index)}`, host: '10.0.0.1', port: 1_000 + index }))
    host.weight = weight
    return host
  })
}

/** A question that excludes these. */
function without(...excluded: readonly Host[]): Question {
  const question = new Question(seededRandom('choices'))
  question.begin(0, 'key', undefined)
  for (const host of excluded) question.excludeAlso(host)
  return question
}

const idsOf = (hosts: readonly Host[]): string[] => hosts.map(({ id }) => id)

describe('the hosts that may be chosen', () => {
  it('are the very list while nobody is excluded', () => {
    const hosts = hostsOf(1, 1, 1)

    expect(allowedOf(hosts, without())).toBe(hosts)
  })

  it('are the others, in their order', () => {
    const hosts = hostsOf(1, 1, 1, 1)

    expect(idsOf(allowedOf(hosts, without(hosts[1]!)))).toEqual(['i0', 'i2', 'i3'])
  })
})

describe('a question', () => {
  it('counts each of the hosts that it excludes once, and none that it cannot find', () => {
    const hosts = hostsOf(1, 1)
    const question = without()
    const counts = [['i0', 'i0', 'i9'], ['i1']].map((ids) => {
      question.begin(0, undefined, undefined)
      return question.exclude(ids, (id) => hosts.find((host) => host.id === id))
    })

    expect(counts).toEqual([1, 1])
    expect(idsOf(allowedOf(hosts, question))).toEqual(['i0'])
  })
})

describe('a draw', () => {
  it('finds the only one of many that may be chosen, and nobody where all are excluded', () => {
    const hosts = hostsOf(...Array.from({ length: 100 }, () => 1))

    expect(drawAny(hosts, without(...hosts.slice(1)))?.id).toBe('i0')
    expect(drawAny(hosts, without(...hosts))).toBeUndefined()
  })
})

describe.each(STRATEGY_NAMES)('%s', (name) => {
  it.each([1, 2, 3, 9])('chooses nobody of %i hosts where all are excluded', (count) => {
    const hosts = hostsOf(...Array.from({ length: count }, () => 1))
    const question = without(...hosts)

    expect(builtInPicker(name, hosts, undefined).pick(question)).toBeUndefined()
    expect(question.hasScores).toBe(false)
  })

  it('chooses the only one of nine that may be chosen', () => {
    const hosts = hostsOf(...Array.from({ length: 9 }, () => 1))
    const only = hosts[4]!
    const question = without(...hosts.filter((host) => host !== only))

    expect(builtInPicker(name, hosts, undefined).pick(question)).toBe(only)
  })
})

/** Those that have to ask every host. */
const ASK_ALL: readonly string[] = ['rendezvous', 'bestAvailable']

it.each(STRATEGY_NAMES.filter((name) => !ASK_ALL.includes(name)))(
  '%s asks hardly any of a thousand hosts, though a quarter is excluded',
  (name) => {
    const hosts = hostsOf(...Array.from({ length: 1_000 }, () => 1))
    const question = without(...hosts.filter((_, index) => index % 4 === 3))
    const asks = vi.spyOn(question, 'isExcluded')
    const picker = builtInPicker(name, hosts, undefined)
    const chosen = Array.from({ length: 100 }, () => picker.pick(question))

    expect(chosen).not.toContain(undefined)
    expect(asks.mock.calls.length).toBeLessThan(hosts.length)
  },
)

describe('a weighted choice', () => {
  // So many that the least weight there is would have its turn.
  const chosenOf = (hosts: readonly Host[]): Set<Host | undefined> => {
    const [picker, question] = [builtInPicker('weighted', hosts, undefined), without()]
    return new Set(Array.from({ length: 150_000 }, () => picker.pick(question)))
  }

  it('gives nothing to what weighs nothing, unless all do', () => {
    const [some, none] = [hostsOf(0, 1, 2), hostsOf(0, 0)]

    expect(chosenOf(some)).toEqual(new Set([some[1], some[2]]))
    expect(chosenOf(none)).toEqual(new Set(none))
  })
})

describe('where only hosts that weigh nothing may be chosen', () => {
  it('the one with fewer calls is', () => {
    const hosts = hostsOf(0, 0, 1)
    hosts[0]!.inFlight = 1
    const picker = new LeastRequestPicker(hosts)

    for (let turn = 0; turn < 20; turn++) expect(picker.pick(without(hosts[2]!))).toBe(hosts[1])
  })

  it('the single one is', () => {
    const hosts = hostsOf(0, 1, 1)
    const picker = new LeastRequestPicker(hosts)

    for (let turn = 0; turn < 20; turn++) expect(picker.pick(without(hosts[1]!, hosts[2]!))).toBe(hosts[0])
  })
})

describe('the end of a call', () => {
  it.each([
    ['success', undefined, { kind: 'success', verdict: 'success', origin: 'answer' }],
    ['success', 'gateway', { kind: 'success', verdict: 'success', origin: 'answer' }],
    ['failure', undefined, { kind: 'failure', verdict: 'failure', origin: 'answer' }],
    ['failure', 'local', { kind: 'failure', verdict: 'failure', origin: 'local' }],
    ['failure', 'nonsense', { kind: 'failure', verdict: 'failure', origin: 'answer' }],
    ['timeout', 'throttled', { kind: 'timeout', verdict: 'failure', origin: 'throttled' }],
    ['cancelled', undefined, { kind: 'cancelled', verdict: 'neutral', origin: 'answer' }],
    ['rejected', 'gateway', { kind: 'rejected', verdict: 'neutral', origin: 'gateway' }],
    ['nonsense', 'gateway', { kind: 'ignored', verdict: 'neutral', origin: 'answer' }],
    [undefined, undefined, { kind: 'ignored', verdict: 'neutral', origin: 'answer' }],
  ])('%s (%s) says %o, and is the same each time', (outcome, origin, expected) => {
    const ending = endingOf(outcome as 'success', origin as 'answer')

    expect(ending).toMatchObject(expected)
    expect(endingOf(outcome as 'success', origin as 'answer')).toBe(ending)
  })
})
