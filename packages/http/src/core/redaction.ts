/** What may be shown of requests in errors, logs and metrics: no credentials, no query, no values of telling headers (S6). */

const HIDDEN = '[redacted]'

/** Headers that hold credentials whatever their value; others are judged by the words in their names. */
const SECRET_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'authentication-info',
  'www-authenticate',
])
const SECRET_WORD = /auth|cookie|credential|key|passw|secret|session|signature|token/i

/** Scheme, host, port and path of a URL. What cannot be read as one is not shown at all. */
export function redactUrl(url: string | URL): string {
  const parsed = parse(url)
  return parsed === undefined ? HIDDEN : `${originOf(parsed)}${parsed.pathname}`
}

/** Scheme, host and port of a URL. What cannot be read as one is not shown at all. */
export function redactToOrigin(url: string | URL): string {
  const parsed = parse(url)
  return parsed === undefined ? HIDDEN : originOf(parsed)
}

/** A copy for a log: the values of headers that may hold credentials are replaced. */
export function redactHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string | readonly string[] | undefined> {
  const shown: Record<string, string | readonly string[] | undefined> = Object.create(null)
  for (const [name, value] of Object.entries(headers)) {
    shown[name] = isSecretHeader(name) && value !== undefined ? HIDDEN : value
  }
  return shown
}

/** Whether the value of this header is to be kept to ourselves. */
function isSecretHeader(name: string): boolean {
  return SECRET_HEADERS.has(name.toLowerCase()) || SECRET_WORD.test(name)
}

function parse(url: string | URL): URL | undefined {
  if (typeof url !== 'string') return url
  return URL.canParse(url) ? new URL(url) : undefined
}

// Only of http(s) and a few others does a URL know the origin.
function originOf({ protocol, host, origin }: URL): string {
  return origin === 'null' ? `${protocol}//${host}` : origin
}
