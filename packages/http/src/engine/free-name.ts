/** Names of commands are unique in a runtime; services of several clients may be called the same. */
import { InvalidOptionsError } from '@breakwater/kernel'

const MAX_CLIENTS = 100

/** What `make` makes under `name`, or `name (2)` and so on where that is taken by something that differs. */
export function withFreeName<T>(name: string, make: (name: string) => T): T {
  for (let nth = 1; nth < MAX_CLIENTS; nth++) {
    try {
      return make(nth === 1 ? name : `${name} (${String(nth)})`)
    } catch (error) {
      if (!isTaken(error)) throw error
    }
  }
  return make(`${name} (${String(MAX_CLIENTS)})`)
}

function isTaken(error: unknown): boolean {
  return error instanceof InvalidOptionsError && error.issues.length === 1 && error.issues[0]?.path === 'name'
}
