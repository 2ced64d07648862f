/** What may be shown of requests in errors, logs and metrics: no credentials, and no query (S6). */

const HIDDEN = '[redacted]'

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

/** The URL in a text. What it throws does not hold the text, as what the platform throws does. */
export function readUrl(text: string): URL {
  const url = parse(text)
  if (url === undefined) throw new TypeError('Invalid URL')
  return url
}

/**
 * Throws what `fetch` throws for a URL that holds credentials or cannot be read, but does not show it. Whether there could be any is all
 * that is looked at first: `@` is rare in URLs.
 */
export function refuseCredentials(url: unknown): void {
  const text = typeof url === 'string' ? url : url instanceof URL ? url.href : ''
  if (!text.includes('@')) return
  const parsed = parse(text)
  if (parsed === undefined) throw new TypeError('Failed to parse URL')
  if (parsed.username === '' && parsed.password === '') return
  throw new TypeError(
    `Request cannot be constructed from a URL that includes credentials: ${redactUrl(parsed)}`,
  )
}

/** An error of the platform about a URL or the value of a header, without these; others as they are. */
export function withoutInput(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error
  if ('input' in error) return new TypeError('Invalid URL')
  const [what] = /^Failed to parse URL|invalid header value/.exec(error.message) ?? []
  return what === undefined ? error : new TypeError(what)
}

function parse(url: string | URL): URL | undefined {
  if (typeof url !== 'string') return url
  return URL.canParse(url) ? new URL(url) : undefined
}

// Only of http(s) and a few others does a URL know the origin by itself.
function originOf({ protocol, host }: URL): string {
  return `${protocol}//${host}`
}
