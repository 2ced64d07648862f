// Every library under test by the name that tables and `gates.json` use. Loaded one per process, and lazily: importing a peer may start timers.

import type { Library } from './subject.ts'

const SEMAPHORE = { 'execution.isolation.strategy': 'SEMAPHORE' } as const

const LIBRARIES: Readonly<Record<string, () => Promise<Library>>> = {
  breakwater: async () => (await import('./ours.ts')).ours(),
  'breakwater executeSync': async () => (await import('./ours.ts')).ours({ sync: true }),
  'breakwater, standard': async () => (await import('./ours-commands.ts')).commands({}),
  'breakwater, hystrix': async () => (await import('./ours-commands.ts')).commands({ preset: 'hystrix' }),
  'breakwater, hystrix 1.5.18': async () =>
    (await import('./ours-commands.ts')).commands({ preset: 'hystrix', compat: 'hystrix-1.5.18' }),
  'breakwater, hystrix by semaphore': async () =>
    (await import('./ours-commands.ts')).commands({ preset: 'hystrix', properties: SEMAPHORE }),
  'hand-written': async () => (await import('./floor.ts')).floor(),
  'hand-written, exact clock': async () => (await import('./floor.ts')).floor({ exact: true }),
  opossum: async () => (await import('./opossum.ts')).opossum('default'),
  'opossum-min': async () => (await import('./opossum.ts')).opossum('min'),
  'opossum+p-retry': async () => (await import('./opossum.ts')).opossum('default'),
  'opossum-min+p-retry': async () => (await import('./opossum.ts')).opossum('min'),
  cockatiel: async () => (await import('./cockatiel.ts')).cockatiel({}),
  'cockatiel-noabort': async () => (await import('./cockatiel.ts')).cockatiel({ noabort: true }),
  'cockatiel-min': async () => (await import('./cockatiel.ts')).cockatiel({ min: true }),
  'cockatiel-min-noabort': async () =>
    (await import('./cockatiel.ts')).cockatiel({ min: true, noabort: true }),
  hystrixjs: async () => (await import('./hystrixjs.ts')).hystrixjs(),
  brakes: async () => (await import('./brakes.ts')).brakes(),
  levee: async () => (await import('./levee.ts')).levee(),
  alfred: async () => (await import('./alfred.ts')).alfred(),
}

/** Loads a library. Rejects when the name is unknown or the package is not installed or built. */
export async function loadLibrary(name: string): Promise<Library> {
  const load = LIBRARIES[name]
  if (load === undefined) throw new Error(`no library called ${name}`)
  return load()
}

/** True for our own entries, whose gates are judged. */
export function isOurs(name: string): boolean {
  return name.startsWith('breakwater')
}

/** True for the hand-written floor, which is neither ours nor a peer. */
export function isFloor(name: string): boolean {
  return name.startsWith('hand-written')
}
