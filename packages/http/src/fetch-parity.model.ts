/**
 * Arguments of `fetch`, good and bad, by name, so that a counterexample says what they were; each is made anew for each call, since
 * streams and requests can be used once. For tests only.
 */
import { Readable } from 'node:stream'
import * as undici from 'undici'

/** Named values. */
export type Choices = Readonly<Record<string, () => unknown>>

const TEXT = 'h\u{e9}llo \ud800 w\u{f6}rld'
const bytes = (): Uint8Array<ArrayBuffer> => new TextEncoder().encode('some bytes')

async function* parts(...chunks: readonly unknown[]): AsyncGenerator {
  for (const chunk of chunks) {
    await Promise.resolve()
    if (chunk instanceof Error) throw chunk
    yield chunk
  }
}
const streamOf = (...chunks: readonly unknown[]): ReadableStream => ReadableStream.from(parts(...chunks))

function filled<F extends undici.FormData | FormData>(form: F, file: Blob): F {
  form.append('a', 'b \r\n c')
  form.append('f', file, 'x".txt')
  return form
}

function used(): ReadableStream {
  const stream = streamOf(bytes())
  stream.getReader()
  return stream
}

/** Bodies of all kinds; those that are streams want `duplex`. */
export const BODIES: Choices = {
  none: () => undefined,
  null: () => null,
  text: () => TEXT,
  'no text': () => '',
  'a number': () => 7,
  'an object': () => ({}),
  'an array': () => ['a', 'b'],
  'a symbol': () => Symbol('body'),
  'an object with a text': () => ({ toString: () => 'mine' }),
  'one that throws': () => ({
    toString: () => {
      throw new Error('no text')
    },
  }),
  Buffer: () => Buffer.from(TEXT),
  'a part of an Uint8Array': () => bytes().subarray(2, 6),
  Uint16Array: () => new Uint16Array([1, 2, 65_535]),
  DataView: () => new DataView(bytes().buffer, 1, 3),
  ArrayBuffer: () => bytes().buffer,
  'an empty ArrayBuffer': () => new ArrayBuffer(0),
  'a detached ArrayBuffer': () => {
    const { buffer } = bytes()
    structuredClone(buffer, { transfer: [buffer] })
    return buffer
  },
  SharedArrayBuffer: () => new SharedArrayBuffer(4),
  'a view of a SharedArrayBuffer': () => new Uint8Array(new SharedArrayBuffer(4)),
  Blob: () => new Blob(['a', bytes()], { type: 'text/x-mine' }),
  'a Blob without a type': () => new Blob(['a']),
  'an empty Blob': () => new Blob([]),
  File: () => new File(['file'], 'f.txt', { type: 'text/plain' }),
  URLSearchParams: () =>
    new URLSearchParams([
      ['a', 'b c'],
      ['ü', '&='],
    ]),
  FormData: () => filled(new FormData(), new Blob([bytes()], { type: 'x/y' })),
  'an empty FormData': () => new FormData(),
  "undici's FormData": () => filled(new undici.FormData(), new Blob([bytes()])),
  'a stream': () => streamOf(bytes(), bytes()),
  'an empty stream': () => streamOf(),
  'a stream of texts': () => streamOf('text'),
  'a stream that breaks': () => streamOf(bytes(), new Error('broken')),
  'a stream that somebody reads': used,
  'an async iterable': () => parts(bytes(), bytes()),
  'an async iterable that breaks': () => parts(new Error('broken')),
  'a stream of Node': () => Readable.from([bytes(), bytes()]),
  'an iterable of bytes': () => [bytes()][Symbol.iterator](),
}

export const METHODS: Choices = Object.fromEntries(
  [
    ...['GET', 'get', 'Get', 'HEAD', 'head', 'POST', 'post', 'PUT', 'pUt', 'DELETE', 'delete', 'OPTIONS'],
    ...['PATCH', 'QUERY', 'REPORT', 'CONNECT', 'TRACE', 'trace', 'TRACK', 'G ET', 'GET\r\n', '', 'GÉT'],
    ...[undefined, undefined, {}],
  ].map((method) => [JSON.stringify(method) ?? 'none', () => method]),
)

export const HEADERS: Choices = {
  none: () => undefined,
  null: () => null,
  'an object': () => ({ 'X-Mine': ' 1\t', 'x-none': '' }),
  pairs: () => [
    ['x-mine', '1'],
    ['X-Mine', '2'],
  ],
  'a pair of three': () => [['x-mine', '1', '2']],
  'a pair of one': () => [['x-mine']],
  Headers: () =>
    new Headers([
      ['x-mine', '1'],
      ['cookie', 'a=b'],
    ]),
  "undici's Headers": () => new undici.Headers({ 'x-mine': '1' }),
  Map: () => new Map([['x-mine', '1']]),
  text: () => 'x-mine: 1',
  'a number': () => 7,
  'a function': () => () => 1,
  'a value that is a list': () => ({ 'x-mine': ['1', '2'] }),
  'a value that is nothing': () => ({ 'x-mine': undefined, 'x-other': null }),
  'a value that is a symbol': () => ({ 'x-mine': Symbol('1') }),
  'Latin-1': () => ({ 'x-mine': '\u{e9}\u{ff}' }),
  'beyond Latin-1': () => ({ 'x-mine': '\u{20ac}' }),
  'a line in a value': () => ({ 'x-mine': 'a\r\nx-injected: 1' }),
  'a line around a value': () => ({ 'x-mine': '\r\na\r\n' }),
  'a null in a value': () => ({ 'x-mine': 'a\0b' }),
  'a blank in a name': () => ({ 'x mine': '1' }),
  'a line in a name': () => ({ 'x-mine\r\nx-injected': '1' }),
  'no name': () => ({ '': '1' }),
  'a prototype': () => JSON.parse('{"__proto__":"1","constructor":"2"}') as unknown,
  'a type': () => ({ 'Content-Type': 'text/mine' }),
  'no length': () => ({ 'content-length': 'x' }),
  'a host': () => ({ host: 'elsewhere.example' }),
  'a connection': () => ({ connection: 'close' }),
  'no connection': () => ({ connection: 'x-mine' }),
  'an upgrade': () => ({ upgrade: 'x' }),
  'an encoding': () => ({ 'transfer-encoding': 'chunked' }),
  'an expectation': () => ({ expect: '100-continue' }),
  'what we accept': () => ({ 'accept-encoding': 'identity', accept: 'x/y', 'user-agent': 'me' }),
  'a key': () => ({ 'Idempotency-Key': '1' }),
}

/** Parts of the second argument that are no body, method or headers. */
export const EXTRAS: Choices = {
  none: () => ({}),
  'redirect: follow': () => ({ redirect: 'follow' }),
  'redirect: manual': () => ({ redirect: 'manual' }),
  'redirect: error': () => ({ redirect: 'error' }),
  'redirect: other': () => ({ redirect: 'other' }),
  'an aborted signal': () => ({ signal: AbortSignal.abort(new Error('before')) }),
  'aborted with nothing': () => ({ signal: AbortSignal.abort(null) }),
  'a signal': () => ({ signal: new AbortController().signal }),
  'signal: null': () => ({ signal: null }),
  'signal: {}': () => ({ signal: {} }),
  'mode: navigate': () => ({ mode: 'navigate' }),
  'mode: no-cors': () => ({ mode: 'no-cors' }),
  'mode: same-origin': () => ({ mode: 'same-origin' }),
  'cache: no-store': () => ({ cache: 'no-store' }),
  'cache: only-if-cached': () => ({ cache: 'only-if-cached' }),
  'credentials: omit': () => ({ credentials: 'omit' }),
  'credentials: 7': () => ({ credentials: 7 }),
  'a referrer': () => ({ referrer: 'http://from.example/a', referrerPolicy: 'unsafe-url' }),
  'a bad referrer': () => ({ referrer: 'http://' }),
  'a good integrity': () => ({ integrity: 'sha256-vMPPY1SGQ1zZ3VxJ0Y2k0jHfK2BqlAW0O8pRrRsp9sM=' }),
  keepalive: () => ({ keepalive: true }),
  'window: null': () => ({ window: null }),
  'window: {}': () => ({ window: {} }),
  'duplex: full': () => ({ duplex: 'full' }),
  'a priority': () => ({ priority: 'high' }),
}

/** Paths of the server, and what else may stand for a URL; `base` is the origin of the server. */
export const URLS: Readonly<Record<string, (base: string) => unknown>> = {
  ...Object.fromEntries(
    [
      ...[
        '/',
        '/a?b=c#d',
        '/\u{fc} /%20',
        '//x',
        '/../up',
        '/a\\b',
        '/\t\r\nx',
        '/?',
        '?a',
        '/status/204',
        '/status/205',
      ],
      ...[
        '/status/304',
        '/status/404',
        '/status/503',
        '/status/999',
        '/status/301',
        '/coded/gzip',
        '/coded/none',
      ],
      ...[
        '/to/301',
        '/to/302',
        '/to/303',
        '/to/307',
        '/to/308',
        '/loop',
        '/to-nothing',
        '/to-ftp',
        '/to-user',
        '/to-hash',
      ],
      ...['/cookies', '/reset', '/half', '/text/x'],
    ].map((path) => [path, (base: string) => `${base}${path}`]),
  ),
  'a URL': (base) => new URL(`${base}/url`),
  'an object': (base) => ({ toString: () => `${base}/object` }),
  'one that throws': () => ({
    toString: () => {
      throw new Error('no url')
    },
  }),
  'blanks around': (base) => `  ${base}/blanks \n`,
  'in capitals': (base) => base.replace('http', 'HTTP'),
  'with credentials': (base) => `${base.replace('//', '//me:secret@')}/`,
  'with a user': (base) => `${base.replace('//', '//me@')}/`,
  'a decimal address': (base) => base.replace('127.0.0.1', '2130706433'),
  'a short address': (base) => base.replace('127.0.0.1', '127.1'),
  relative: () => '/relative',
  empty: () => '',
  nothing: () => undefined,
  null: () => null,
  'a number': () => 7,
  'no host': () => 'http://',
  'no port': () => 'http://127.0.0.1:99999/',
  'another protocol': () => 'ftp://127.0.0.1/',
  'a bad port': () => 'http://127.0.0.1:25/',
  'a file': () => 'file:///etc/passwd',
  'some data': () => 'data:text/plain,hello',
  'no data': () => 'data:',
  'about:blank': () => 'about:blank',
  javascript: () => 'javascript:1',
  'no blob': () => 'blob:nodedata:none',
}
