/**
 * Configuration from outside of the code (a file, a config service, an operator): sources of named values that a
 * runtime looks names up in. What a name means, and which values are right, its source has checked before.
 */
import { Emitter } from './events.js'

/** Some named values, which may change. Reading is cheap and never throws. */
export interface ConfigurationSource {
  /** The value of a name; undefined when there is none. */
  get(name: string): unknown
  /** Hears of changed names, after the change. Returns the function that unsubscribes. */
  onChange(listener: (names: readonly string[]) => void): () => void
}

/** What a runtime tells when its configuration changes. */
export interface ConfigurationChange {
  /** The names that may have another value now; undefined when a source came or went. */
  readonly names: readonly string[] | undefined
}

/** The sources of one runtime; the one added last is asked first. */
export class Configuration {
  /** Grows with every change, so that readers know when to read again. */
  version = 0
  private readonly sources: ConfigurationSource[] = []
  private readonly leaves = new Map<ConfigurationSource, () => void>()
  private readonly events = new Emitter<{ change: ConfigurationChange }>('configuration')

  get(name: string): unknown {
    for (const source of this.sources) {
      const value = source.get(name)
      if (value !== undefined) return value
    }
    return undefined
  }

  /** Adds a source; adding it again changes nothing. Returns the function that removes it. */
  add(source: ConfigurationSource): () => void {
    if (!this.leaves.has(source)) {
      const leave = source.onChange((names) => this.changed(names))
      this.leaves.set(source, leave)
      this.sources.unshift(source)
      this.changed(undefined)
    }
    return () => {
      this.remove(source)
    }
  }

  on(listener: (change: ConfigurationChange) => void): () => void {
    return this.events.on('change', listener)
  }

  /** Removes all sources and listeners. */
  clear(): void {
    for (const leave of this.leaves.values()) leave()
    this.leaves.clear()
    this.sources.length = 0
    this.version++
    this.events.clear()
  }

  private remove(source: ConfigurationSource): void {
    const leave = this.leaves.get(source)
    if (leave === undefined) return
    leave()
    this.leaves.delete(source)
    this.sources.splice(this.sources.indexOf(source), 1)
    this.changed(undefined)
  }

  private changed(names: readonly string[] | undefined): void {
    this.version++
    this.events.emit('change', { names })
  }
}
