/**
 * Who is asked before the process ends for want of work. One listener serves all copies of this package: ESM and CommonJS, and
 * those that reloading a program's modules leaves behind, which it must not keep alive.
 */

/** Something that may have to hold the process. */
export interface Holder {
  holdProcess(): void
}

const KEY = Symbol.for('breakwater.before-exit@1')

/** Asks `holder` before the process ends, as long as somebody else keeps it. */
export function holdAtExit(holder: Holder): void {
  const place = globalThis as { [KEY]?: Set<WeakRef<Holder>> }
  const holders = place[KEY] ?? listen()
  for (const other of holders) if (other.deref() === undefined) holders.delete(other)
  holders.add(new WeakRef(holder))
}

function listen(): Set<WeakRef<Holder>> {
  const holders = new Set<WeakRef<Holder>>()
  // No assignment, which throws where the global object is frozen: each copy has a listener of its own there.
  Reflect.set(globalThis, KEY, holders)
  process.on('beforeExit', () => {
    for (const holder of holders) holder.deref()?.holdProcess()
  })
  return holders
}
