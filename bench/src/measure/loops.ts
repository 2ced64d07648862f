// The loops that call the code under test. Each is compiled from its own source text: V8 keys its compilation cache, and with it the type
// feedback, by source, so two loops of the same text would share feedback and the bare call would be measured as the library's.

/** How a case is called; each has the bare call of the same shape as its baseline. */
export type Shape = 'success' | 'rejection' | 'in-flight'

/** Makes `calls` calls and resolves to the number that rejected. */
export type Loop = (call: () => unknown, calls: number) => Promise<number>

/** Calls that are pending at once in the `in-flight` shape. */
export const IN_FLIGHT = 100

type AsyncFunctionConstructor = new (...source: string[]) => (...args: unknown[]) => Promise<number>

const BODIES: Readonly<Record<Shape, string>> = {
  success: `
    for (let i = 0; i < calls; i++) await call()
    return 0`,
  rejection: `
    let rejected = 0
    for (let i = 0; i < calls; i++) {
      try { await call() } catch { rejected++ }
    }
    return rejected`,
  'in-flight': `
    const pending = new Array(${IN_FLIGHT})
    for (let done = 0; done < calls; done += ${IN_FLIGHT}) {
      for (let i = 0; i < ${IN_FLIGHT}; i++) pending[i] = call()
      while (gate.waiting < ${IN_FLIGHT}) await undefined
      gate.open()
      for (let i = 0; i < ${IN_FLIGHT}; i++) await pending[i]
    }
    return 0`,
}

// The constructor of async functions has no global name.
const AsyncFunction = (async () => 0).constructor as unknown as AsyncFunctionConstructor

let made = 0

/** A fresh loop with feedback of its own. */
export function makeLoop(shape: Shape): Loop {
  const run = new AsyncFunction(
    'call',
    'calls',
    'gate',
    `// loop ${++made} of ${process.pid}${BODIES[shape]}`,
  )
  return (call, calls) => run(call, calls, gate)
}

/** Where work of the `in-flight` shape waits until every call of the batch has begun: one promise that all of them await. */
class Gate {
  waiting = 0
  private release: (value: number) => void = () => {}
  private opened = this.close()

  enter(): Promise<number> {
    this.waiting++
    return this.opened
  }

  open(): void {
    this.waiting = 0
    this.release(1)
    this.opened = this.close()
  }

  private close(): Promise<number> {
    return new Promise((resolve) => {
      this.release = resolve
    })
  }
}

const gate = new Gate()

/** Async work that stays pending until its batch is complete. */
export async function waitAtGate(): Promise<number> {
  return await gate.enter()
}

/** Releases work outside a loop, for the single calls that check a subject. */
export function openGate(): void {
  gate.open()
}
