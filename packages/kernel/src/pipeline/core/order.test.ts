import { describe, expect, it } from 'vitest'
import type { SlotName } from '../stage.js'
import { arrange, orderProblems } from './order.js'
import type { OrderedStage } from './order.js'

/** The stretches as text: places with a space between, stretches with a bar. */
function stretchesOf(...slots: SlotName[]): string {
  return arrange(slots)
    .map((stretch) => stretch.map(({ place }) => place).join(' '))
    .join(' | ')
}

function stage(slot: SlotName, timeoutMs?: number): OrderedStage {
  return { slot, part: {}, ...(timeoutMs === undefined ? {} : { timeoutMs }) }
}

function problemsOf(...stages: OrderedStage[]): string[] {
  return orderProblems(stages).map(({ index, problem }) => `${index}: ${problem}`)
}

describe('arrange', () => {
  it.each<[string, SlotName[], string]>([
    ['no policy at all is one empty stretch', [], ''],
    [
      'the recommended order is one stretch',
      ['meter', 'fallback', 'timeout', 'rate', 'retry', 'guard', 'breaker', 'limit', 'timeout', 'foreign'],
      'meter fallback total rate retry guard breaker limit attempt foreign',
    ],
    [
      'any number of own guards share one',
      ['guard', 'guard', 'guard', 'breaker'],
      'guard guard guard breaker',
    ],
    ['two of a kind need two stretches', ['breaker', 'breaker'], 'breaker | breaker'],
    ['two limits need two stretches', ['limit', 'limit'], 'limit | limit'],
    [
      'what is inside of a hedge is a stretch of its own',
      ['retry', 'hedge', 'breaker'],
      'retry hedge | breaker',
    ],
    ['a rate inside of a retry begins a new one', ['retry', 'rate', 'breaker'], 'retry | rate breaker'],
    [
      'a rate outside of the whole time begins a new one',
      ['rate', 'timeout', 'retry'],
      'rate attempt | retry',
    ],
    ['two foreign ones need two stretches', ['foreign', 'foreign'], 'foreign | foreign'],
    ['a limit outside of the breaker begins a new one', ['limit', 'breaker'], 'limit | breaker'],
    ['a guard inside of the breaker begins a new one', ['breaker', 'guard'], 'breaker | guard'],
    ['a retry inside of a breaker begins a new one', ['breaker', 'retry', 'limit'], 'breaker | retry limit'],
    [
      'the fallback of an inner part begins a new one',
      ['limit', 'fallback', 'breaker'],
      'limit | fallback breaker',
    ],
    ['the meter of an inner part begins a new one', ['limit', 'meter', 'breaker'], 'limit | meter breaker'],
  ])('%s', (_name, slots, expected) => {
    expect(stretchesOf(...slots)).toBe(expected)
  })

  it.each<[string, SlotName[], string]>([
    ['alone it limits the attempt', ['timeout'], 'attempt'],
    ['with a retry inside it limits the whole', ['timeout', 'retry'], 'total retry'],
    ['with a retry outside it limits each attempt', ['retry', 'timeout'], 'retry attempt'],
    ['with the breaker inside it limits the whole', ['timeout', 'breaker'], 'total breaker'],
    ['with a limit inside, the wait in the queue counts', ['timeout', 'limit'], 'total limit'],
    ['with a guard inside it limits the whole', ['timeout', 'guard'], 'total guard'],
    ['one on each side', ['timeout', 'retry', 'timeout'], 'total retry attempt'],
    ['two neighbours are the whole and the attempt', ['timeout', 'timeout'], 'total attempt'],
    ['three neighbours', ['timeout', 'timeout', 'timeout'], 'total attempt | attempt'],
    [
      'before a hedge it limits all of its attempts',
      ['retry', 'timeout', 'hedge', 'timeout'],
      'retry attempt hedge | attempt',
    ],
    ['first, before a hedge, it limits the attempt', ['timeout', 'hedge'], 'attempt hedge'],
    ['before a cache it limits the attempt', ['timeout', 'cache', 'retry'], 'attempt cache | retry'],
    ['before something foreign it limits the attempt', ['timeout', 'foreign'], 'attempt foreign'],
    ['before a fallback it limits the attempt', ['timeout', 'fallback'], 'attempt | fallback'],
    ['before a meter it limits the attempt', ['timeout', 'meter'], 'attempt | meter'],
    [
      'behind the breaker it limits the attempt, whatever follows',
      ['breaker', 'timeout', 'limit'],
      'breaker attempt | limit',
    ],
    [
      'behind a retry it limits the attempt, whatever follows',
      ['retry', 'timeout', 'retry'],
      'retry attempt | retry',
    ],
    [
      'inside of a limit it is the attempt of that stretch, and the retry runs inside',
      ['limit', 'timeout', 'retry'],
      'limit attempt | retry',
    ],
  ])('a timeout: %s', (_name, slots, expected) => {
    expect(stretchesOf(...slots)).toBe(expected)
  })

  it('names each policy by its place in the pipeline', () => {
    const [first, second] = arrange(['limit', 'breaker', 'timeout'])

    expect(first).toEqual([{ index: 0, place: 'limit' }])
    expect(second).toEqual([
      { index: 1, place: 'breaker' },
      { index: 2, place: 'attempt' },
    ])
  })

  it('keeps every policy, once and in order', () => {
    const slots: SlotName[] = [
      'timeout',
      'limit',
      'timeout',
      'retry',
      'fallback',
      'timeout',
      'breaker',
      'foreign',
    ]

    const indexes = arrange(slots)
      .flat()
      .map(({ index }) => index)

    expect(indexes).toEqual(slots.map((_slot, index) => index))
  })
})

describe('orderProblems', () => {
  it('finds nothing wrong with the recommended order', () => {
    const stages = [
      stage('meter'),
      stage('fallback'),
      stage('timeout', 1_000),
      stage('retry'),
      stage('breaker'),
      stage('limit'),
      stage('timeout', 250),
    ]

    expect(orderProblems(stages)).toEqual([])
  })

  it('refuses the same policy twice, wherever the second one stands', () => {
    const breaker = stage('breaker')

    const problems = problemsOf(breaker, stage('limit'), breaker)

    expect(problems).toEqual([
      '2: each policy once: the same one twice would count and limit every call twice',
    ])
  })

  it('allows two policies of the same kind', () => {
    expect(problemsOf(stage('breaker'), stage('breaker'))).toEqual([])
  })

  it.each<SlotName>(['retry', 'hedge', 'breaker'])('refuses a fallback inside of a %s', (blind) => {
    expect(problemsOf(stage(blind), stage('limit'), stage('fallback'))).toEqual([
      `2: a fallback outside of the ${blind}, which would never see a failure inside`,
    ])
  })

  it.each<SlotName>(['retry', 'hedge', 'breaker', 'limit'])('refuses a cache inside of a %s', (asker) => {
    expect(problemsOf(stage(asker), stage('cache'))).toEqual([
      `1: a cache outside of the ${asker}, which would take its answers for those of the work`,
    ])
  })

  it('allows a cache inside of a fallback or a timeout', () => {
    expect(problemsOf(stage('fallback'), stage('timeout', 5), stage('cache'), stage('breaker'))).toEqual([])
  })

  it('refuses a fallback inside of a cache', () => {
    expect(problemsOf(stage('cache'), stage('fallback'))).toEqual([
      '1: a fallback outside of the cache, which would keep its answers as good ones',
    ])
  })

  it('allows a fallback inside of a limit or a timeout, and inside of another fallback', () => {
    expect(problemsOf(stage('limit'), stage('timeout', 5), stage('fallback'), stage('fallback'))).toEqual([])
  })

  it('refuses a timeout that is longer than one around it', () => {
    expect(problemsOf(stage('timeout', 100), stage('retry'), stage('timeout', 101))).toEqual([
      '2: at most the 100 ms of the timeout around it, or it can never fire',
    ])
  })

  it('allows a timeout as long as the one around it', () => {
    expect(problemsOf(stage('timeout', 100), stage('retry'), stage('timeout', 100))).toEqual([])
  })

  it('finds several problems of one order, at most one for each policy', () => {
    const fallback = stage('fallback')
    const order = [fallback, stage('timeout', 10), stage('retry'), fallback, stage('timeout', 20)]

    expect(orderProblems(order).map(({ index }) => index)).toEqual([3, 4])
  })
})
