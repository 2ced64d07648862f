/** Where a configuration of axios leads: put together as axios does it, whose own function an adapter is not given. */
import { isPlainObject } from '@breakwater/kernel'
import { readUrl } from './core/redaction.js'

interface ParamsSerializer {
  /** How entries of lists are named: `a[]` by default, `a[0]` with `true`, `a` with `null`. */
  readonly indexes?: boolean | null
  readonly encode?: (text: string, usual: (text: string) => string) => string
  readonly serialize?: (params: unknown, serializer: ParamsSerializer) => string
}

/** The part of a configuration that says where to. */
export interface AxiosAddress {
  readonly url?: string
  readonly baseURL?: string
  /** Whether a whole URL goes before `baseURL`. Default `true`. */
  readonly allowAbsoluteUrls?: boolean
  readonly params?: unknown
  readonly paramsSerializer?: ParamsSerializer
}

export function axiosUrl(config: AxiosAddress): URL {
  const whole = readUrl(joined(config))
  const query = queryOf(config.params, config.paramsSerializer ?? {})
  if (query !== '') whole.search += `${whole.search === '' ? '?' : '&'}${query}`
  return whole
}

function joined({ url = '', baseURL = '', allowAbsoluteUrls }: AxiosAddress): string {
  const isWhole = allowAbsoluteUrls !== false && /^[a-z][a-z\d+.-]*:\/\//i.test(url)
  if (isWhole || baseURL === '') return url
  return url === '' ? baseURL : `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`
}

function queryOf(params: unknown, serializer: ParamsSerializer): string {
  if (typeof params !== 'object' || params === null) return ''
  const { serialize, encode = encoded } = serializer
  if (serialize !== undefined) return serialize(params, serializer)
  if (params instanceof URLSearchParams) return params.toString()
  return [...pairsOf(params, serializer)]
    .filter(([, value]) => value !== undefined && value !== null)
    .map((pair) => pair.map((part) => encode(textOf(part), encoded)).join('='))
    .join('&')
}

function* pairsOf(params: object, { indexes }: ParamsSerializer): Generator<readonly [string, unknown]> {
  for (const [key, value] of Object.entries(params) as [string, unknown][]) {
    const name = key.replace(/\[\]$/, '')
    // By such a name axios asks for JSON.
    if (key.endsWith('{}') && typeof value === 'object' && value !== null) yield [key, JSON.stringify(value)]
    else if (!Array.isArray(value) || value.some(isNested)) yield* leavesOf(name, value)
    else
      for (const [at, one] of value.entries())
        yield [indexes === null ? name : `${name}[${indexes === true ? String(at) : ''}]`, one]
  }
}

function* leavesOf(name: string, value: unknown): Generator<readonly [string, unknown]> {
  if (!isNested(value)) yield [name, value]
  else for (const [key, one] of Object.entries(value)) yield* leavesOf(`${name}[${key}]`, one)
}

function isNested(value: unknown): value is object {
  return isPlainObject(value) || Array.isArray(value)
}

function textOf(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value)
}

// Some of what may stand as it is in a query stays legible.
function encoded(text: string): string {
  const legible: Readonly<Record<string, string>> = { '%3A': ':', '%24': '$', '%2C': ',', '%20': '+' }
  return encodeURIComponent(text).replace(/%(?:3A|24|2C|20)/g, (code) => legible[code] as string)
}
