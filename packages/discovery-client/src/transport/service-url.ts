/**
 * One server of the registry, as users write it: `https://user:secret@host:8761/eureka/`. The credentials are taken out
 * when it is parsed, and are handed to nobody but the request to this very server.
 */
import { Buffer } from 'node:buffer'
import { inspect } from 'node:util'

const MAX_URL_LENGTH = 2_048

/** The base URL of a Eureka server; ends in exactly one slash, holds no credentials. */
export class ServiceUrl {
  /** For example `http://host:8761/eureka/`. */
  readonly base: string
  readonly origin: string
  /** For example `/eureka/`. */
  readonly path: string
  readonly zone: string
  readonly #authorization: string | undefined

  private constructor(url: URL, zone: string, authorization: string | undefined) {
    this.origin = url.origin
    this.path = `${url.pathname.replace(/\/{1,64}$/, '')}/`
    this.base = `${this.origin}${this.path}`
    this.zone = zone
    this.#authorization = authorization
  }

  /** Reads a URL; `undefined` when it is none that a registry can have (scheme, query, fragment, length). */
  static parse(text: unknown, zone: string): ServiceUrl | undefined {
    if (typeof text !== 'string' || text.length > MAX_URL_LENGTH || !URL.canParse(text)) return undefined
    const url = new URL(text)
    const isHttp = url.protocol === 'http:' || url.protocol === 'https:'
    if (!isHttp || url.hostname === '' || url.search !== '' || url.hash !== '') return undefined
    const authorization = basicAuthorization(url)
    return authorization === null ? undefined : new ServiceUrl(url, zone, authorization)
  }

  /** The value of the header `authorization`, when the URL brought credentials. */
  authorization(): string | undefined {
    return this.#authorization
  }

  /** Another base on the way of a redirect. It gets the credentials only within the same origin. */
  movedTo(target: URL, path: string): ServiceUrl {
    const sameOrigin = target.origin === this.origin
    return new ServiceUrl(
      new URL(path, target.origin),
      this.zone,
      sameOrigin ? this.#authorization : undefined,
    )
  }

  toString(): string {
    return this.base
  }

  toJSON(): string {
    return this.base
  }

  // Defined apart, because a declaration file cannot say the name of such a method.
  static {
    Object.defineProperty(this.prototype, inspect.custom, {
      value(this: ServiceUrl): string {
        return `ServiceUrl(${this.base})`
      },
    })
  }
}

/** `null` when the credentials are not properly percent-encoded. */
function basicAuthorization({ username, password }: URL): string | undefined | null {
  if (username === '' && password === '') return undefined
  try {
    // Everything behind the first colon is the password, also further colons (which the parser has encoded).
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`
  } catch {
    return null
  }
}
