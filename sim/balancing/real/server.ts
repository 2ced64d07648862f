// One server of the real rows, a process of its own: 10 ms or so of waiting per call, and what is wrong with it on request. It listens
// at the port of its argument, at any for 0, and prints it.

import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const WORK_MS = 10
let slowness = 1
let isFailing = false

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname === '/become') {
    slowness = Number(url.searchParams.get('slowness') ?? 1)
    isFailing = url.searchParams.get('failing') === 'true'
    response.end()
  } else if (isFailing) {
    response.statusCode = 503
    response.end()
  } else {
    void sleep(WORK_MS * slowness).then(() => response.end())
  }
})

server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) process.stdout.write(`${String(address.port)}\n`)
})
// Whoever started it has gone: nobody else would end it.
process.stdin.on('end', () => process.exit(0))
process.stdin.resume()
