import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { fullRequest } from '../core/wire/requests.js'
import { eventually, hostileServer, json } from '../../transport/hostile-server.model.js'
import { transportTo } from './transport.model.js'

test('requests go through the proxy, with its credentials for it and those of the server for the server', async () => {
  const target = await hostileServer((_request, response) => {
    json(response, {})
  })
  const tunnels: (string | undefined)[] = []
  const open = new Set<Socket>()
  const proxy = createServer()
  proxy.on('connect', (request, socket: Socket) => {
    tunnels.push(request.headers['proxy-authorization'])
    const onward = connect(target.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    open.add(socket)
    socket.on('error', () => onward.destroy()).on('close', () => open.delete(socket))
    onward.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void proxy.close())
  const { port } = proxy.address() as AddressInfo
  const transport = transportTo([target.url.replace('//', '//user:secret@')], {
    proxy: { url: `http://one:t%40o@127.0.0.1:${String(port)}` },
  })

  const answer = await transport.send('query', fullRequest(), (value) => value)

  expect(answer.value).toEqual({})
  expect(tunnels).toEqual([`Basic ${Buffer.from('one:t@o').toString('base64')}`])
  expect(target.headers[0]).toMatchObject({
    authorization: `Basic ${Buffer.from('user:secret').toString('base64')}`,
  })
  expect(target.headers[0]).not.toHaveProperty('proxy-authorization')
  await transport.close()
  await eventually(() => open.size === 0)
})
