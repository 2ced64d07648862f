/** The versions of undici that tests go through. For tests only. */
import * as undici7 from 'undici'
import * as undici730 from 'undici-7-30-0'
import * as undici8 from 'undici-8'
import * as undici80 from 'undici-8-0'

export type Undici = typeof undici7

// They differ in types where it does not matter here.
export const UNDICI_VERSIONS: readonly (readonly [version: string, undici: Undici])[] = [
  ['7.30.0', undici730 as unknown as Undici],
  ['7.30.2', undici7],
  ['8.0.0', undici80 as unknown as Undici],
  ['8.12.4', undici8 as unknown as Undici],
]
