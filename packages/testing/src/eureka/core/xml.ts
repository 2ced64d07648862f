/** Answers as XML, for readers that ask for nothing: Prometheus' `eureka_sd` is one. Registrations are read as JSON only. */
import type { WireObject } from './wire.js'

const INDENT = '  '
/** XML still spells it as the first servers did. */
const SPELLING: Readonly<Record<string, string>> = { overriddenStatus: 'overriddenstatus' }

/** `content` as an element called `root`. Lists become repeated elements, `@class` and `@enabled` attributes. */
export function toXml(root: string, content: WireObject): string {
  return element(root, content, 0)
}

function element(name: string, value: unknown, depth: number): string {
  const pad = INDENT.repeat(depth)
  if (Array.isArray(value)) return value.map((entry) => element(name, entry, depth)).join('\n')
  const tag = SPELLING[name] ?? name
  if (!isObject(value)) return `${pad}<${tag}>${escaped(String(value))}</${tag}>`
  const entries = Object.entries(value)
  const attributes = entries
    .filter(([key]) => key.startsWith('@'))
    .map(([key, entry]) => ` ${key.slice(1)}="${escaped(String(entry))}"`)
    .join('')
  if (Object.hasOwn(value, '$')) return `${pad}<${tag}${attributes}>${String(value['$'])}</${tag}>`
  const children = entries
    .filter(([key, entry]) => !key.startsWith('@') && !(Array.isArray(entry) && entry.length === 0))
    .map(([key, entry]) => element(key, entry, depth + 1))
  if (children.length === 0) return `${pad}<${tag}${attributes}/>`
  return [`${pad}<${tag}${attributes}>`, ...children, `${pad}</${tag}>`].join('\n')
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null
}
