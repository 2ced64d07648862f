// What a Java service says with three Hystrix classes, here with two commands and a collapser. The README has the Java beside it.

import { createCommand } from '@breakwater/command'
import type { HystrixCommand } from '@breakwater/command'
import { createCollapser } from '@breakwater/fallback'
import type { Collapser } from '@breakwater/fallback'
import type { Runtime } from '@breakwater/kernel'

export interface Account {
  readonly id: string
  readonly name: string
}

/** The remote service that both kinds of command call. */
export interface AccountService {
  find(id: string, signal: AbortSignal): Promise<Account>
  findAll(ids: readonly string[], signal: AbortSignal): Promise<readonly Account[]>
}

const GUEST = 'guest'

/** One account at a time; a stand-in when the service does not answer. */
export function accountCommand(
  service: AccountService,
  runtime: Runtime,
): HystrixCommand<[id: string], Account> {
  return createCommand({
    preset: 'hystrix',
    name: 'GetAccount',
    group: 'Accounts',
    properties: {
      'execution.isolation.thread.timeoutInMilliseconds': 300,
      'circuitBreaker.requestVolumeThreshold': 5,
    },
    threadPool: { coreSize: 4 },
    run: (call, id: string) => service.find(id, call.signal),
    fallback: (_cause, id): Account => ({ id, name: GUEST }),
    cacheKey: (id) => id,
    runtime,
  })
}

/** Many accounts with one call. */
export function accountsCommand(
  service: AccountService,
  runtime: Runtime,
): HystrixCommand<[ids: readonly string[]], readonly Account[]> {
  return createCommand({
    preset: 'hystrix',
    name: 'GetAccounts',
    group: 'Accounts',
    run: (call, ids: readonly string[]) => service.findAll(ids, call.signal),
    runtime,
  })
}

/** Accounts that are asked for within 10 ms of each other come with one call. */
export function accountCollapser(
  getAccounts: HystrixCommand<[ids: readonly string[]], readonly Account[]>,
): Collapser<string, Account> {
  return createCollapser({
    name: 'AccountCollapser',
    windowMs: 10,
    batch: (ids: readonly string[]) => getAccounts.with({ collapsed: ids.length }).execute(ids),
  })
}
