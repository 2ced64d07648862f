/** What is said about a server that did not answer as it should: which one it was, without its credentials, and how it failed. */
import { expect, onTestFinished, test } from 'vitest'
import { Exchange } from './exchange.js'
import { PATIENT } from './exchange.model.js'
import { hostileServer } from './hostile-server.model.js'
import type { Answer } from './hostile-server.model.js'
import { ServiceUrl } from './service-url.js'

test.each<[string, Answer]>([
  [
    ' broke its answer off',
    (_request, response) => {
      response.writeHead(200, { 'content-length': '99' }).write('half', () => response.destroy())
    },
  ],
  [' cannot be reached', (_request, response) => response.destroy()],
  [
    ': the answer cannot be unpacked',
    (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain'),
  ],
  [
    ': the answer is packed in a way that was not asked for',
    (_request, response) => response.writeHead(200, { 'content-encoding': 'br' }).end('packed'),
  ],
  [
    ': the answer as sent is longer than 65536 bytes',
    (_request, response) => response.writeHead(200).end('x'.repeat(70_000)),
  ],
])('BASE%s', async (message, answer) => {
  const { url } = await hostileServer(answer)
  const exchange = new Exchange(PATIENT)
  onTestFinished(() => exchange.close())
  const server = ServiceUrl.parse(url.replace('//', '//user:secret@'), 'defaultZone')!

  const answered = exchange.send({ server, method: 'GET', path: '/eureka/apps/', headers: {} })

  await expect(answered).rejects.toThrow(`${url}${message}`)
})
