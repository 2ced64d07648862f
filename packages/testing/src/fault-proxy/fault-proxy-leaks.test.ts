import { expect, it } from 'vitest'
import { FaultProxy } from './fault-proxy.js'
import { openClient, startTarget, until } from './fault-proxy.model.js'

const resources = (kind: string): number =>
  process.getActiveResourcesInfo().filter((name) => name.startsWith(kind)).length

it('a stopped proxy leaves no socket and no timer behind, whatever was under way', async () => {
  const target = await startTarget((chunk) => chunk)
  const [sockets, timers] = [resources('TCP'), resources('Timeout')]

  for (let round = 0; round < 50; round++) {
    const proxy = await FaultProxy.start({ target: target.address })
    proxy.latency({ delayMs: 60_000, direction: 'down' })
    const client = openClient(proxy.url)
    client.socket.write('a')
    await until(() => proxy.stats.applied.latency === 1)
    await Promise.all([proxy.stop(), client.ended])
    client.socket.destroy()
    await proxy.stop()
  }

  await until(() => target.sockets.size === 0 && resources('TCP') <= sockets)
  expect(resources('Timeout')).toBeLessThanOrEqual(timers)
  await target.stop()
})
