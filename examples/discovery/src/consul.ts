// Instances from Consul: prints who is in service whenever that changes.
// Usage: node src/consul.ts URL SERVICE [SECONDS], such as http://127.0.0.1:8500 users

import { setTimeout as sleep } from 'node:timers/promises'
import { ConsulSource } from '@breakwater/discovery-client'
import { isBreakwaterError } from '@breakwater/kernel'

const [url, service, seconds = '60'] = process.argv.slice(2)
if (url === undefined || service === undefined) {
  console.error('usage: node src/consul.ts URL SERVICE [SECONDS]')
  process.exitCode = 2
} else {
  const { CONSUL_HTTP_TOKEN: token } = process.env
  const source = new ConsulSource({ url, token, consistency: 'stale' })
  source.on('error', ({ error }) => {
    console.log('failed:  ', isBreakwaterError(error) ? error.code : error.message)
  })
  source.watch(service, ({ instances }) => {
    const texts = instances.map(
      ({ id, host, port, zone = 'no zone' }) => `${id} (${host}:${String(port)}, ${zone})`,
    )
    console.log('Consul:  ', texts.join(', ') || 'nobody')
  })
  await source.ready(service)
  await sleep(Number(seconds) * 1_000)
  source.dispose()
}
