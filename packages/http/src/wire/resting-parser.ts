/**
 * Up to 7.30, undici throws in an event of the socket, where nobody catches it, when a connection ends whose answer is the last on it
 * while the reader of that has paused. There is no public way around it: its parser is told to go on, for which nothing is left to read.
 */
import type { Socket } from 'node:net'

interface Parser {
  paused?: boolean
  readonly ptr?: unknown
  readonly llhttp?: { llhttp_resume?(ptr: unknown): void }
  resume?(): void
}

/** To be called with a socket before undici hears of any event of it. */
export function wakeAtEnd(socket: Socket): void {
  const wake = (): void => goOn(restingOn(socket))
  socket.once('end', () => {
    restingOn(socket)?.resume?.()
    wake()
  })
  socket.once('error', wake).once('close', wake)
}

function restingOn(socket: Socket): Parser | undefined {
  const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'parser')
  const parser = key === undefined ? undefined : (Reflect.get(socket, key) as Parser | null)
  return parser?.paused === true && Boolean(parser.ptr) ? parser : undefined
}

// A body without a length rests after every part of it, the last too. What a broken connection still holds is lost, so it is not read.
function goOn(parser: Parser | undefined): void {
  if (parser === undefined) return
  parser.llhttp?.llhttp_resume?.(parser.ptr)
  parser.paused = false
}
