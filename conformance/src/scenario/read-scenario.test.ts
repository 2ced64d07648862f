import { describe, expect, it } from 'vitest'
import { jsonFilesOf, scenarioAt, SCENARIOS } from '../files.ts'
import { readScenario, ScenarioError } from './read-scenario.ts'

const scenario = (members: object): string =>
  JSON.stringify({ id: 'X', defs: { A: {} }, steps: [], ...members })
const read = (members: object): ReturnType<typeof readScenario> => readScenario(scenario(members), 'X.json')
const exec = (members: object = {}): object => ({ at: 0, cmd: 'A', id: 'a', ...members })

describe('defaults of the format', () => {
  it('fills in a command', () => {
    expect(read({}).defs.get('A')).toMatchObject({ kind: 'command', key: 'A', group: 'G', pool: 'G' })
    expect(read({ defs: { A: { group: 'H' } } }).defs.get('A')).toMatchObject({ group: 'H', pool: 'H' })
  })

  it('fills in a collapser and its batch', () => {
    const { defs } = read({ defs: { C: { kind: 'collapser' } } })

    expect(defs.get('C')).toMatchObject({
      scope: 'REQUEST',
      map: 'all',
      batch: { key: 'CBatch', group: 'G', pool: 'G', run: { returns: 'ok' }, fallback: undefined },
    })
  })

  it('fills in an execution', () => {
    const { steps } = read({ steps: [exec({ fallback: {} })] })

    expect(steps).toEqual([
      {
        do: 'exec',
        at: 0,
        id: 'a',
        def: 'A',
        mode: 'execute',
        ctx: undefined,
        cacheKey: undefined,
        arg: undefined,
        run: { afterMs: 0, returns: 'ok', throws: undefined, ignoreInterrupt: false },
        fallback: { afterMs: 0, returns: 'fb', throws: undefined, ignoreInterrupt: false },
      },
    ])
  })

  it('tells no fallback from an empty one', () => {
    expect(read({ steps: [exec()] }).steps[0]).toMatchObject({ fallback: undefined })
  })

  it('names the members of a repeat', () => {
    const { steps } = read({ steps: [exec({ repeat: 2 })] })

    expect(steps).toMatchObject([{ id: 'a#0' }, { id: 'a#1' }])
  })

  it('plays steps in the order of time, those of one instant as written', () => {
    const steps = [exec({ at: 9, id: 'late' }), exec({ at: 1, id: 'first' }), exec({ at: 1, id: 'second' })]

    expect(read({ steps }).steps).toMatchObject([{ id: 'first' }, { id: 'second' }, { id: 'late' }])
  })
})

describe('words that the format does not have', () => {
  it.each([
    [{ tail: 1 }, 'tail: unknown word "tail"'],
    [{ tailMs: -1 }, 'tailMs: expected a number of at least 0'],
    [{ lines: 'ours' }, 'lines: expected a list of classic, tri-state, port, received "ours"'],
    [{ lines: ['port', 'ours'] }, 'lines[1]: expected classic, tri-state, port, received "ours"'],
    [{ expect: { port: { a: { value: 1, valeu: 1 } } } }, 'expect.port.a.valeu: unknown word "valeu"'],
    [{ expect: { classical: {} } }, 'expect.classical: expected classic, tri-state, port'],
    [{ expect: { classic: { b: {} } } }, 'expect.classic.b: expected the id of an exec'],
    [{ defs: { A: { kind: 'stream' } } }, 'defs.A.kind: expected command, collapser, received "stream"'],
    [{ defs: { A: { scope: 'GLOBAL' } } }, 'defs.A.scope: unknown word "scope"'],
    [
      { defs: { A: { props: { 'circuitBreaker.forceopen': true } } } },
      'defs.A.props.circuitBreaker.forceopen: expected a known command property',
    ],
    [
      { defs: { A: { props: { 'circuitBreaker.forceOpen': 'yes' } } } },
      'defs.A.props.circuitBreaker.forceOpen: expected true or false, received "yes"',
    ],
    [
      { defs: { A: { props: { 'execution.isolation.strategy': 'FIBER' } } } },
      'expected THREAD or SEMAPHORE, received "FIBER"',
    ],
    [
      { defs: { A: { threadPool: { coreSize: 1.5 } } } },
      'defs.A.threadPool.coreSize: expected a whole number of 32 bits, received 1.5',
    ],
    [
      { defs: { C: { kind: 'collapser', map: 'none' } } },
      'defs.C.map: expected all, skipLast, errLast, throwAfterFirst',
    ],
    [{ defs: { C: { kind: 'collapser', batch: { runs: {} } } } }, 'defs.C.batch.runs: unknown word "runs"'],
  ])('in the frame and the definitions: %j', (members, message) => {
    expect(() => read(members)).toThrow(ScenarioError)
    expect(() => read(members)).toThrow(`X.json: ${message}`.replace('X.json: expected', 'expected'))
  })

  it.each([
    [{ do: 'explode' }, 'steps[0].do: expected exec, cancel'],
    [{ mode: 'later' }, 'steps[0].mode: expected execute, observe, queue, received "later"'],
    [{ cmd: 'B' }, 'steps[0].cmd: expected a definition, received "B"; there are A'],
    [{ at: '5' }, 'steps[0].at: expected a number of at least 0, received "5"'],
    [{ repeat: 0 }, 'steps[0].repeat: expected a whole number of at least 1, received 0'],
    [{ run: { after: 5 } }, 'steps[0].run.after: unknown word "after"'],
    [{ fallback: { throw: 5 } }, 'steps[0].fallback.throw: expected a text, received 5'],
    [{ ctx: 'r9' }, 'steps[0].ctx: expected a context that a ctxOpen opens, received "r9"'],
    [{ arg: 'x' }, 'steps[0].arg: expected nothing, because "A" is a command'],
  ])('in an execution: %j', (members, message) => {
    expect(() => read({ steps: [exec(members)] })).toThrow(`X.json: ${message}`)
  })

  it.each([
    [{ at: 0, do: 'cancel', id: 'z' }, 'steps[1].id: expected the id of an exec, received "z"; there are a'],
    [{ at: 0, do: 'cancel', id: 'a', now: true }, 'steps[1].now: unknown word "now"'],
    [{ at: 0, do: 'probe', cmd: 'B' }, 'steps[1].cmd: expected a definition'],
    [
      { at: 0, do: 'set', key: 'hystrix.command.A.timeout', value: '1' },
      'steps[1].key: expected the full name of a known property',
    ],
    [
      { at: 0, do: 'set', key: 'hystrix.threadpool.G.coreSize', value: 'x' },
      'steps[1].value: expected a whole number of 32 bits, received "x"',
    ],
    [{ at: 0, do: 'ctxOpen' }, 'steps[1].ctx: expected a text, found nothing'],
    [{ at: 0, cmd: 'A', id: 'a' }, 'steps[1].id: expected a name that no other exec has, received "a"'],
  ])('in other steps: %j', (step, message) => {
    expect(() => read({ steps: [exec(), step] })).toThrow(`X.json: ${message}`)
  })

  it('asks a request to a collapser for its argument', () => {
    const defs = { A: { kind: 'collapser' } }

    expect(() => read({ defs, steps: [exec()] })).toThrow(
      'steps[0].arg: expected what to ask the collapser "A" for',
    )
  })

  it.each([{ run: {} }, { fallback: {} }, { cacheKey: 'k' }])(
    'takes no words for a collapser that only its definition can say: %j',
    (members) => {
      const defs = { A: { kind: 'collapser' } }

      expect(() => read({ defs, steps: [exec({ arg: 'x', ...members })] })).toThrow(
        `steps[0].${Object.keys(members).join()}: expected nothing, because "A" is a collapser`,
      )
    },
  )

  it('tells all faults of a file at once, and the file of text that is not JSON', () => {
    expect(() => read({ tail: 1, steps: [exec({ mode: 'later' })] })).toThrow(
      /steps\[0\].mode[^]*tail: unknown/,
    )
    expect(() => readScenario('{', 'Y.json')).toThrow(/^Y.json: not JSON/)
  })
})

describe('the recorded scenarios', () => {
  it.each(jsonFilesOf(SCENARIOS))('%s is understood', (name) => {
    expect(`${scenarioAt(`${SCENARIOS}/${name}`).id}.json`).toBe(name)
  })
})
