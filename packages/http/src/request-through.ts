/** `request` as undici has it, through a dispatcher of ours. */
import { request as undiciRequest } from 'undici'
import type { Dispatcher } from 'undici'
import { PlainUrls } from './core/plain-urls.js'
import { withoutUrl } from './core/redaction.js'

type Options = Partial<Dispatcher.RequestOptions>

const urls = new PlainUrls()

export function requestThrough(dispatcher: Dispatcher): typeof undiciRequest {
  const request = (url: string | URL, options?: Options): Promise<Dispatcher.ResponseData> => {
    const plain = typeof url === 'string' && !hasSpecial(options) ? urls.read(url) : undefined
    // What `request` of undici does with a URL, but for the parsing.
    if (plain !== undefined) {
      const { origin, path } = plain
      const method = options?.method ?? (options?.body ? 'PUT' : 'GET')
      return dispatcher.request({ ...options, origin, path, method })
    }
    try {
      return undiciRequest(url, { ...options, dispatcher })
    } catch (error) {
      throw withoutUrl(error)
    }
  }
  return request as typeof undiciRequest
}

// A path goes before that of the URL; an agent is a mistake of which undici tells.
function hasSpecial(options: unknown): boolean {
  return typeof options === 'object' && options !== null && ('path' in options || 'agent' in options)
}
