/**
 * URLs that the platform would write as they are, taken apart without its parser, which takes longer than all that is done for a request
 * before it is sent. Whatever could mean something else than it says is left to the parser.
 */

export interface PlainUrl {
  readonly origin: string
  /** With the query. */
  readonly path: string
}

/** Where the host begins in the shortest of schemes, and some character after that in the other. */
const HOST_AT = 'https://'.length
/** No segment that could be `.` or `..` however written, and no character that would be encoded or dropped. */
const PLAIN_PATH = /^(?:\/(?:[\w~!$&()*+,;=:@-][\w~!$&()*+,;=:@%.-]*)?)+(?:\?[\w~!$&()*+,;=:@%./?-]+)?$/
const MAX_ORIGINS = 1_000

export class PlainUrls {
  /** By what URLs began with: one and the same text for each origin, which is compared in no time. */
  private readonly origins = new Map<string, string>()

  /** How many of these are remembered. */
  get size(): number {
    return this.origins.size
  }

  /** The parts of an http(s) URL; undefined for one that has to be parsed, or cannot be. */
  read(url: string): PlainUrl | undefined {
    const pathAt = url.indexOf('/', HOST_AT)
    if (pathAt === -1) return undefined
    const path = url.slice(pathAt)
    if (!PLAIN_PATH.test(path)) return undefined
    const begin = url.slice(0, pathAt)
    const origin = this.origins.get(begin) ?? this.learn(begin)
    return origin === undefined ? undefined : { origin, path }
  }

  private learn(text: string): string | undefined {
    const isOrigin = /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text
    if (!isOrigin) return undefined
    if (this.origins.size >= MAX_ORIGINS) this.origins.clear()
    this.origins.set(text, text)
    return text
  }
}
