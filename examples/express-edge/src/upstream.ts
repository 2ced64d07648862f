// One instance of an upstream service. It registers itself with Eureka, and takes that back when it is asked to end. It
// says in each answer who it is and what it was told, and does nothing for a call whose time is over. A message from its
// parent makes it slow, failing, frozen, or takes it out of service.
// Usage: EUREKA_URL=… node upstream.ts SERVICE ID PORT ZONE

import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { EurekaClient } from '@breakwater/discovery-client'
import { inboundBudgetMs } from '@breakwater/http'
import type { Behaviour, Message, UpstreamOrder } from './messages.ts'
import { HEARTBEAT_MS, LEASE_MS, SLUGGISH_MS } from './promises.ts'

const [appName = '', instanceId = '', port = '', zone = ''] = process.argv.slice(2)
const { EUREKA_URL = '' } = process.env

const HEALTHY_MS = { min: 5, max: 15 }
const SLOW_MS = 1_000

let behaviour: Behaviour = 'healthy'

const eureka = new EurekaClient({
  serviceUrls: [EUREKA_URL],
  fetchRegistry: false,
  instance: {
    appName,
    instanceId,
    hostName: '127.0.0.1',
    ipAddr: '127.0.0.1',
    port: Number(port),
    metadata: { zone },
    leaseRenewalIntervalMs: HEARTBEAT_MS,
    leaseExpirationMs: LEASE_MS,
  },
})

const server = createServer((request, response) => {
  const leftMs = inboundBudgetMs(request.headers)
  if (leftMs === 0) {
    tell({ kind: 'incident', what: `a call came to ${instanceId} when its time was over` })
    response.writeHead(504).end()
    return
  }
  const body = answerTo(request, leftMs)
  switch (behaviour) {
    case 'healthy':
      answerIn(HEALTHY_MS.min + Math.random() * (HEALTHY_MS.max - HEALTHY_MS.min), response, body)
      break
    case 'sluggish':
      answerIn(SLUGGISH_MS, response, body)
      break
    case 'slow':
      answerIn(SLOW_MS, response, body)
      break
    case 'failing':
      response.statusCode = 500
      answerIn(HEALTHY_MS.min, response, { error: 'out of order' })
      break
    case 'frozen':
      break
  }
})

process.on('message', (order: UpstreamOrder) => {
  if (order.kind === 'behave') {
    behaviour = order.behaviour
    tell(order)
  } else
    void eureka.setStatus(order.status).then(() => {
      tell(order)
    })
})

server.listen(Number(port), '127.0.0.1', () => {
  void eureka.start().then(() => {
    tell({ kind: 'listening', port: Number(port) })
  })
})

process.once('SIGTERM', () => {
  void eureka.stop().then(() => {
    server.close()
    server.closeAllConnections()
    // The channel to the parent would keep the process.
    process.disconnect()
  })
})

function answerIn(delayMs: number, response: ServerResponse, body: unknown): void {
  const timer = setTimeout(() => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(body))
  }, delayMs)
  response.once('close', () => {
    clearTimeout(timer)
  })
}

function answerTo({ url = '', headers }: IncomingMessage, leftMs: number | undefined): unknown {
  const attempt = Number(headers['breakwater-attempt'] ?? 1)
  return { value: contentOf(url), from: 'upstream', by: instanceId, attempt, leftMs }
}

function contentOf(path: string): unknown {
  const [, resource, id = ''] = path.split('/')
  if (resource === 'users') return { id, name: `user ${id}` }
  return resource === 'orders' ? [`order 1 of ${id}`, `order 2 of ${id}`] : [9.49, 10.99, 12.49]
}

function tell(message: Message): void {
  process.send?.(message)
}
