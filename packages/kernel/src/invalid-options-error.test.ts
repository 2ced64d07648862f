import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { InvalidOptionsError, invalidArgument } from './invalid-options-error.js'
import type { OptionIssue } from './invalid-options-error.js'

describe('InvalidOptionsError', () => {
  it('lists every issue in its message, one a line', () => {
    const issues: OptionIssue[] = [
      { path: 'openMs', received: -1, expected: 'a number of at least 0' },
      { path: 'opnMs', received: 5, expected: 'a known option', hint: 'did you mean openMs?' },
      { path: '', received: 7, expected: 'a plain object' },
    ]
    const error = new InvalidOptionsError('Invalid options for CircuitBreaker', { issues })

    expect(error.message.split('\n')).toEqual([
      'Invalid options for CircuitBreaker:',
      '  openMs: expected a number of at least 0, received -1',
      '  opnMs: expected a known option, received 5 (did you mean openMs?)',
      '  options: expected a plain object, received 7',
    ])
    expect(error.issues).toEqual(issues)
  })

  it('keeps its own copy of the issues', () => {
    const issues: OptionIssue[] = [{ path: 'a', received: 1, expected: 'nothing' }]
    const error = new InvalidOptionsError('x', { issues })

    issues.pop()

    expect(error.issues).toHaveLength(1)
    expect(Object.isFrozen(error.issues)).toBe(true)
  })

  it('S6: prints no more of what it received than its message does', () => {
    const received = 'http://user:secret@registry/'
    const error = new InvalidOptionsError('x', { issues: [{ path: 'url', received, expected: 'less' }] })

    expect(error.issues[0]?.received).toBe(received)
    expect(inspect(error)).toContain('received "http://***@registry/"')
    expect(inspect(error)).not.toContain('secret')
  })

  it('is a plain message without issues', () => {
    const error = new InvalidOptionsError('nothing to say')

    expect(error.message).toBe('nothing to say')
    expect(error.issues).toEqual([])
  })

  it('names at most 100 issues in the message and counts the others', () => {
    const linesFor = (length: number): string[] => {
      const issues = Array.from({ length }, (_, index) => ({
        path: `key${index}`,
        received: index,
        expected: 'x',
      }))
      return new InvalidOptionsError('x', { issues }).message.split('\n')
    }

    expect(linesFor(100)).toHaveLength(101)
    expect(linesFor(101)).toHaveLength(102)
    expect(linesFor(101).at(-1)).toBe('  and 1 more')
    expect(linesFor(5_000).at(-1)).toBe('  and 4900 more')
  })

  it('survives values and paths that fight back, in message and JSON', () => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    const values: unknown[] = [
      10n,
      Symbol('s'),
      cycle,
      'x'.repeat(1e6),
      {
        toString() {
          throw new Error('no')
        },
      },
      {
        get secret(): string {
          throw new Error('no')
        },
      },
    ]
    const issues = values.map((received) => ({ path: 'a\nb', received, expected: 'less' }))
    const error = new InvalidOptionsError('x', { issues })

    expect(error.message.split('\n')).toHaveLength(values.length + 1)
    expect(error.message.length).toBeLessThan(values.length * 300)
    expect(JSON.stringify(error)).toContain('"received":"10n"')
  })
})

describe('invalidArgument', () => {
  it('makes an error about one argument', () => {
    const error = invalidArgument('pipeline', { path: 'policies[0]', received: 42, expected: 'a policy' })

    expect(error).toBeInstanceOf(InvalidOptionsError)
    expect(error.message).toBe(
      'Invalid arguments for pipeline:\n  policies[0]: expected a policy, received 42',
    )
  })
})
