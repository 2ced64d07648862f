/** As much of HTTP/1 as it takes to see which request a client makes. */

export interface RequestHead {
  readonly method: string
  readonly path: string
}

const HEAD = /^(?<method>[A-Z]+) (?<path>\S+) HTTP\/1[.][01]\r?\n/

/** The request that begins with `text`; `undefined` when none does. */
export function requestHead(text: string): RequestHead | undefined {
  const { method, path } = HEAD.exec(text)?.groups ?? {}
  return method === undefined || path === undefined ? undefined : { method, path }
}

/** An answer in full, after which the connection is closed. */
export function httpAnswer(status: number, body: string, headers: Readonly<Record<string, string>>): string {
  const length = new TextEncoder().encode(body).length
  const all = { connection: 'close', 'content-length': String(length), ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${String(status)} Faulted\r\n${lines.join('')}\r\n${body}`
}
