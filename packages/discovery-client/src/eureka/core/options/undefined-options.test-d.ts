import { expectTypeOf, test } from 'vitest'
import type { AmazonInfoOptions, EurekaServerDns, TlsOptions, VipLookup } from '../../../index.js'

/** What may be given when each option may be unset, as when all of them come from the environment. */
type Unset<T> = { readonly [K in keyof T]: undefined extends Pick<T, K>[K] ? T[K] | undefined : T[K] }

test('undefined stands for the default, in options within options too', () => {
  expectTypeOf<Unset<AmazonInfoOptions>>().toExtend<AmazonInfoOptions>()
  expectTypeOf<Unset<EurekaServerDns>>().toExtend<EurekaServerDns>()
  expectTypeOf<Unset<TlsOptions>>().toExtend<TlsOptions>()
  expectTypeOf<Unset<VipLookup>>().toExtend<VipLookup>()
})
