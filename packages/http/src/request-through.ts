/** `request` as undici has it, through a dispatcher of ours. */
import { request as undiciRequest } from 'undici'
import type { Dispatcher } from 'undici'
import { PlainUrls } from './core/plain-urls.js'
import { withoutInput } from './core/redaction.js'
import { undiciForm } from './fetch-body.js'

type Options = Partial<Dispatcher.RequestOptions>

const urls = new PlainUrls()

export function requestThrough(dispatcher: Dispatcher): typeof undiciRequest {
  const request = (url: string | URL, options?: Options): Promise<Dispatcher.ResponseData> => {
    const plain = typeof url === 'string' && !hasSpecial(options) ? urls.read(url) : undefined
    const body = bodyOf(options)
    // What `request` of undici does with a URL, but for the parsing.
    if (plain !== undefined) {
      const { origin, path } = plain
      const method = options?.method || (options?.body ? 'PUT' : 'GET')
      return dispatcher.request({ ...options, ...body, origin, path, method })
    }
    try {
      return undiciRequest(url, { ...options, ...body, dispatcher })
    } catch (error) {
      throw withoutInput(error)
    }
  }
  return request as typeof undiciRequest
}

// A path goes before that of the URL; an agent is a mistake of which undici tells.
function hasSpecial(options: unknown): boolean {
  return typeof options === 'object' && options !== null && ('path' in options || 'agent' in options)
}

// Undici knows its own forms only.
function bodyOf(options: Options | undefined): Pick<Options, 'body'> | undefined {
  const body: unknown = options?.body
  return body instanceof FormData ? { body: undiciForm(body) } : undefined
}
