/** A name server on loopback, with as much of RFC 1035 as one question needs. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

const TYPES = { A: 1, TXT: 16, SRV: 33 } as const

interface NameServer extends AsyncDisposable {
  readonly address: string
  /** Names that were asked for. */
  readonly asked: string[]
}

function labels(name: string): Buffer {
  const parts = name.split('.').filter((part) => part !== '')
  return Buffer.concat([
    ...parts.map((part) => Buffer.from([part.length, ...Buffer.from(part)])),
    Buffer.from([0]),
  ])
}

function record(type: keyof typeof TYPES, ttl: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12)
  // A pointer to the name in the question.
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(TYPES[type], 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(ttl, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

export const a = (address: string, ttl: number): Buffer =>
  record('A', ttl, Buffer.from(address.split('.').map(Number)))

export const srv = (target: string, port: number, weight: number): Buffer => {
  const fixed = Buffer.alloc(6)
  fixed.writeUInt16BE(weight, 2)
  fixed.writeUInt16BE(port, 4)
  return record('SRV', 60, Buffer.concat([fixed, labels(target)]))
}

/** One record of several strings. */
export const txt = (...strings: readonly string[]): Buffer =>
  record('TXT', 1, Buffer.concat(strings.map((text) => Buffer.from([text.length, ...Buffer.from(text)]))))

/** No answer at all. */
export const SILENCE = 'silence'

/** Answers each question with the records that its name has now; one without records does not exist. */
export async function nameServer(
  records: Readonly<Record<string, readonly Buffer[] | typeof SILENCE>>,
): Promise<NameServer> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  socket.on('message', (query, from) => {
    let end = 12
    const parts: string[] = []
    while (query[end] !== 0) {
      parts.push(query.toString('latin1', end + 1, end + 1 + query[end]!))
      end += query[end]! + 1
    }
    const name = parts.join('.')
    asked.push(name)
    const found = records[name]
    if (found === SILENCE) return
    const head = Buffer.alloc(12)
    query.copy(head, 0, 0, 2)
    head.writeUInt16BE(found === undefined ? 0x8183 : 0x8180, 2)
    head.writeUInt16BE(1, 4)
    head.writeUInt16BE(found?.length ?? 0, 6)
    socket.send(Buffer.concat([head, query.subarray(12, end + 5), ...(found ?? [])]), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${String(socket.address().port)}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}
