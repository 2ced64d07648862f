import { describe, expect, it } from 'vitest'
import { parseRequest } from './command-line.ts'

const parse = (line: string): unknown => parseRequest(line.split(' ').filter((word) => word !== ''))

describe('the command line', () => {
  it.each([
    ['', { do: 'all' }],
    ['trace S01.json --line classic', { do: 'trace', file: 'S01.json', line: 'classic' }],
    ['trace --line port ../x/S01.json', { do: 'trace', file: '../x/S01.json', line: 'port' }],
    [
      'compare --scenarios a --traces b --line tri-state',
      { do: 'compare', scenarios: 'a', traces: 'b', line: 'tri-state' },
    ],
    ['write-differences', { do: 'write-differences' }],
  ])('understands "%s"', (line, request) => {
    expect(parse(line)).toEqual(request)
  })

  it.each([
    ['record', 'unknown command record'],
    ['--line classic', 'no command takes no --line'],
    ['trace --line classic', 'missing trace FILE'],
    ['trace a.json', '--line takes classic, tri-state, port, not nothing'],
    ['trace a.json --line 1.5.18', '--line takes classic, tri-state, port, not 1.5.18'],
    ['trace a.json b.json --line classic', 'trace takes no b.json'],
    ['compare --scenarios a --line classic', 'missing --traces DIR'],
    ['compare --scenarios a --traces b --line classic c', 'compare takes no c'],
    ['compare --folder a', "Unknown option '--folder'"],
  ])('refuses "%s"', (line, message) => {
    expect(() => parse(line)).toThrow(message)
  })
})
