/** The start of a real Eureka server, whatever it runs in. */
import { setTimeout as wait } from 'node:timers/promises'
import { answers } from './settings.ts'

/** A program that has been started and may not serve yet. */
export interface Started {
  hasEnded(): boolean | Promise<boolean>
  /** What it said last. */
  said(): string | Promise<string>
  /** Ends it as a power cut would. */
  kill(): Promise<void>
}

/** A machine with much else to do starts a JVM slowly. */
const START_MS = 75_000
/** A start that came to nothing says something of the machine: it is begun once more. */
const TRIES = 2

/** The start before. */
let lastStart: Promise<unknown> = Promise.resolve()

/**
 * Starts it and resolves when it answers at `url`. One JVM after the other: each needs a core of its own, and four that start at
 * once are late all four.
 */
export function launch<T extends Started>(url: string, start: () => Promise<T>): Promise<T> {
  const mine = lastStart.then(() => launched(url, start))
  lastStart = mine.catch(() => undefined)
  return mine
}

async function launched<T extends Started>(url: string, start: () => Promise<T>): Promise<T> {
  let said = ''
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (await answers(url)) throw new Error(`a stranger answers at ${url}`)
    const started = await start()
    if (await serves(url, started)) return started
    said = await started.said()
    await started.kill()
  }
  throw new Error(`the server at ${url} did not start:\n${said}`)
}

async function serves(url: string, started: Started): Promise<boolean> {
  const until = performance.now() + START_MS
  while (!(await answers(url))) {
    if ((await started.hasEnded()) || performance.now() > until) return false
    await wait(100)
  }
  return true
}
