// An upstream service that can be made slow, failing or frozen by a message from its parent.
// Usage: node upstream.ts PORT

import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { Behave, Behaviour, Message } from './messages.ts'

const HEALTHY_MS = { min: 5, max: 15 }
const SLOW_MS = 1_000

let behaviour: Behaviour = 'healthy'

const server = createServer((request, response) => {
  const body = contentOf(request.url ?? '')
  switch (behaviour) {
    case 'healthy':
      answerIn(HEALTHY_MS.min + Math.random() * (HEALTHY_MS.max - HEALTHY_MS.min), response, body)
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

process.on('message', (message: Behave) => {
  behaviour = message.behaviour
  tell(message)
})

server.listen(Number(process.argv[2]), '127.0.0.1', () => {
  tell({ kind: 'listening', port: Number(process.argv[2]) })
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

function contentOf(path: string): unknown {
  const [, resource, id = ''] = path.split('/')
  if (resource === 'users') return { id, name: `user ${id}` }
  return resource === 'orders' ? [`order 1 of ${id}`, `order 2 of ${id}`] : [9.49, 10.99, 12.49]
}

function tell(message: Message): void {
  process.send?.(message)
}
