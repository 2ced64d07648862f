import { describe, expect, it } from 'vitest'
import { instancesOfA, instancesOfSrv, timeToLiveMs } from './dns-records.js'

describe('records of type A', () => {
  it('are instances at one port, each address once and in a fixed order, without what is no address', () => {
    const addresses = ['10.0.0.2', 'a b', '10.0.0.1', '', '10.0.0.2']

    const instances = instancesOfA(
      addresses.map((address) => ({ address, ttl: 5 })),
      8_080,
      true,
    )

    expect(instances.map(({ host, port, secure }) => [host, port, secure])).toEqual([
      ['10.0.0.1', 8_080, true],
      ['10.0.0.2', 8_080, true],
    ])
  })

  it('live as long as the one that is the first to die', () => {
    expect(timeToLiveMs([30, 5, 60].map((ttl) => ({ address: '10.0.0.1', ttl })))).toBe(5_000)
    expect(timeToLiveMs([])).toBe(Infinity)
  })

  it('live for ever as far as they tell no time', () => {
    const times = [[NaN], [undefined, 5], [Infinity, NaN]] as number[][]

    const lives = times.map((ttls) => timeToLiveMs(ttls.map((ttl) => ({ address: '10.0.0.1', ttl }))))

    expect(lives).toEqual([Infinity, 5_000, Infinity])
  })
})

describe('records of type SRV', () => {
  const srv = (name: string, more: object = {}) => ({ name, port: 80, priority: 1, weight: 1, ...more })

  it('may name any port there is', () => {
    const instances = instancesOfSrv(
      [0, 1, 65_535, 65_536].map((port) => srv('a', { port })),
      false,
    )

    expect(instances.map(({ port }) => port)).toEqual([1, 65_535])
  })

  it('are instances at the ports they name, by the lowest priority number that can be used', () => {
    const instances = instancesOfSrv(
      [
        srv('b.example.', { weight: 7 }),
        srv('a.example', { port: 81, weight: -1 }),
        srv('backup.example', { priority: 2 }),
        srv('.', { priority: 0 }),
        srv('c.example', { priority: 0, port: 0 }),
        srv('d.example', { priority: 0, port: 65_536 }),
        srv('e.example', { priority: 0, port: 1.5 }),
      ],
      false,
    )

    expect(instances.map(({ host, port, weight }) => [host, port, weight])).toEqual([
      ['a.example', 81, 0],
      ['b.example', 80, 7],
    ])
  })

  it('may be none', () => {
    expect(instancesOfSrv([srv('.')], false)).toEqual([])
  })
})
