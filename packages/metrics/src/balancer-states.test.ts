import type { BalancerReading } from '@breakwater/kernel'
import { expect, it } from 'vitest'
import { BALANCER_ROWS } from './core/rows/balancer-rows.js'

it('states of instances that nobody knows, of another version, are counted nowhere', () => {
  const states = ['available', 'asleep', 'down', 'available', 'toString']
  const instances = states.map((state, index) => ({ id: String(index), zone: 'z', state }))
  const reading = { instances, seated: [] } as unknown as BalancerReading & { readonly seated: [] }
  const read = (row: string): unknown => BALANCER_ROWS.find(({ name }) => name === row)!.read(reading)
  const counts = { available: 2, ejected: 0, trial: 0, down: 1 }

  expect(read('lb_servers')).toEqual(counts)
  expect(read('lb_zone_servers')).toEqual({ z: counts })
})

it('of more zones than are shown by themselves, the first by name are; an instance without one takes no place', () => {
  const most = 20
  const zones = Array.from({ length: most }, (_, index) => `zone ${String(index + 10)}`)
  const shown = (...names: readonly (string | undefined)[]): string[] => {
    const instances = names.map((zone, index) => ({ id: String(index), zone, state: 'available' }))
    const reading = { instances, seated: [] } as unknown as BalancerReading & { readonly seated: [] }
    return Object.keys(BALANCER_ROWS.find(({ name }) => name === 'lb_zone_servers')!.read(reading)!).sort()
  }

  expect(shown(...zones.toReversed(), undefined)).toEqual(zones)
  expect(shown('zone 99', ...zones.toReversed(), undefined)).toEqual(['__other__', ...zones])
})
