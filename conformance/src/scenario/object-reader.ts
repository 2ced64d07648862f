// Reads an object of a data file member by member. What is missing, of the wrong kind or unknown becomes a fault that names its place;
// nothing is guessed and nothing is skipped. The caller reads on, so that one error can tell all faults of a file.

import { describeValue } from '@breakwater/kernel'

/** What is wrong, and where: `steps[3].mode: expected execute, observe or queue, received "excute"`. */
export type Faults = string[]

type Scalar = string | number | boolean

/** The members of one object, each of which must be read once. */
export class ObjectReader {
  readonly path: string
  private readonly members: ReadonlyMap<string, unknown>
  private readonly faults: Faults
  private readonly known = new Set<string>()

  constructor(value: unknown, path: string, faults: Faults) {
    this.path = path
    this.faults = faults
    this.members = new Map(isObject(value) ? Object.entries(value) : [])
    if (!isObject(value))
      faults.push(`${path || 'file'}: expected an object, received ${describeValue(value)}`)
  }

  /** Whatever is there. */
  any(name: string): unknown {
    return this.take(name)
  }

  has(name: string): boolean {
    this.known.add(name)
    return this.members.has(name)
  }

  /** A text that must be there. */
  text(name: string): string {
    const value = this.take(name)
    if (typeof value === 'string' && value !== '') return value
    this.fault(name, 'a text', value)
    return ''
  }

  textOr<D>(name: string, otherwise: D): string | D {
    return this.has(name) ? this.text(name) : otherwise
  }

  /** Any text, number or boolean, as text. */
  scalarTextOr<D>(name: string, otherwise: D): string | D {
    const value = this.take(name)
    if (value === undefined) return otherwise
    if (isScalar(value)) return String(value)
    this.fault(name, 'a text, a number or a boolean', value)
    return otherwise
  }

  /** A number of at least 0 that must be there. */
  amount(name: string): number {
    const value = this.take(name)
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
    this.fault(name, 'a number of at least 0', value)
    return 0
  }

  amountOr<D>(name: string, otherwise: D): number | D {
    return this.has(name) ? this.amount(name) : otherwise
  }

  countOr<D>(name: string, otherwise: D): number | D {
    const value = this.take(name)
    if (value === undefined) return otherwise
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value
    this.fault(name, 'a whole number of at least 1', value)
    return otherwise
  }

  flagOr(name: string, otherwise: boolean): boolean {
    const value = this.take(name)
    if (value === undefined) return otherwise
    if (typeof value === 'boolean') return value
    this.fault(name, 'true or false', value)
    return otherwise
  }

  /** One of the words; `otherwise` when it is not there. */
  wordOr<W extends string, D>(name: string, words: readonly W[], otherwise: D): W | D {
    const value = this.take(name)
    if (value === undefined) return otherwise
    const word = words.find((one) => one === value)
    if (word !== undefined) return word
    this.fault(name, words.join(', '), value)
    return otherwise
  }

  /** The object under `name`, read by `read`; `undefined` when it is not there. */
  partOr<T>(name: string, read: (part: ObjectReader) => T): T | undefined {
    const value = this.take(name)
    return value === undefined ? undefined : this.child(name, value, read)
  }

  /** Every member of the object under `name`, each read as an object. */
  partsOf<T>(name: string, read: (part: ObjectReader, key: string) => T): ReadonlyMap<string, T> {
    const entries = this.entriesOf(name)
    return new Map(
      entries.map(([key, value]) => [key, this.child(`${name}.${key}`, value, (part) => read(part, key))]),
    )
  }

  /** Every member of the object under `name`, as it is. */
  entriesOf(name: string): readonly (readonly [string, unknown])[] {
    const value = this.take(name)
    if (value === undefined) return []
    if (isObject(value)) return Object.entries(value)
    this.fault(name, 'an object', value)
    return []
  }

  /** Every item of the list under `name`, each read as an object. */
  listOf<T>(name: string, read: (item: ObjectReader) => T): readonly T[] {
    const value = this.take(name)
    if (Array.isArray(value)) return value.map((item, at) => this.child(`${name}[${at}]`, item, read))
    this.fault(name, 'a list', value)
    return []
  }

  /** Every item of the list of words under `name`; `undefined` when it is not there. */
  wordsOr<W extends string>(name: string, words: readonly W[]): readonly W[] | undefined {
    const value = this.take(name)
    if (value === undefined) return undefined
    if (!Array.isArray(value)) {
      this.fault(name, `a list of ${words.join(', ')}`, value)
      return undefined
    }
    for (const [at, item] of value.entries())
      if (!words.some((word) => word === item)) this.fault(`${name}[${at}]`, words.join(', '), item)
    return words.filter((word) => value.includes(word))
  }

  /** Every member of this object, each an object of its own kind. */
  objects(): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
    const found = [...this.members].map(([name, value]) => {
      this.known.add(name)
      if (isObject(value)) return [name, value] as const
      this.fault(name, 'an object', value)
      return [name, {}] as const
    })
    return new Map(found)
  }

  fault(name: string, expected: string, received: unknown): void {
    const what = received === undefined ? 'found nothing' : `received ${describeValue(received)}`
    this.faults.push(`${this.at(name)}: expected ${expected}, ${what}`)
  }

  /** Members that nobody asked for are faults. */
  finish(): void {
    for (const name of this.members.keys())
      if (!this.known.has(name))
        this.faults.push(`${this.at(name)}: unknown word "${name}"; known are ${[...this.known].join(', ')}`)
  }

  private take(name: string): unknown {
    this.known.add(name)
    return this.members.get(name)
  }

  private child<T>(name: string, value: unknown, read: (part: ObjectReader) => T): T {
    const part = new ObjectReader(value, this.at(name), this.faults)
    const result = read(part)
    part.finish()
    return result
  }

  private at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
