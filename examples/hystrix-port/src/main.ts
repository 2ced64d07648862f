// A request to a service that uses the commands: what it sees when all is well, and while the accounts' service is down.

import { currentRequest, hystrixProperties, withRequestContext } from '@breakwater/command'
import { createRuntime } from '@breakwater/kernel'
import { accountCollapser, accountCommand, accountsCommand } from './accounts.ts'
import type { Account, AccountService } from './accounts.ts'

let isDown = false
const account = (id: string): Account => ({ id, name: `owner of ${id}` })

const runtime = createRuntime()
const properties = hystrixProperties({
  'hystrix.command.default.circuitBreaker.errorThresholdPercentage': 40,
})
runtime.configure(properties)
const service: AccountService = {
  find: (id) => (isDown ? Promise.reject(new Error('connection refused')) : Promise.resolve(account(id))),
  findAll: (ids) => Promise.resolve(ids.map(account)),
}
const getAccount = accountCommand(service, runtime)
const getAccounts = accountsCommand(service, runtime)
const accounts = accountCollapser(getAccounts)

await withRequestContext(async () => {
  console.log('one account:   ', (await getAccount.execute('17')).name)
  console.log('from the cache:', (await getAccount.execute('17')).name)
  const [one, other] = await Promise.all([accounts.load('18'), accounts.load('19')])
  console.log('in one batch:  ', one.name, 'and', other.name)
  console.log(
    'request log:   ',
    currentRequest()
      ?.log.toString()
      .replaceAll(/\[\d+ms\]/g, ''),
  )
})

await withRequestContext(async () => {
  isDown = true
  console.log('service down:  ', (await getAccount.execute('17')).name)
  properties.set('hystrix.command.GetAccount.circuitBreaker.forceOpen', true)
  console.log('circuit open:  ', (await getAccount.execute('20')).name)
  console.log(
    'request log:   ',
    currentRequest()
      ?.log.toString()
      .replaceAll(/\[\d+ms\]/g, ''),
  )
})

getAccount.dispose()
getAccounts.dispose()
runtime.dispose()
