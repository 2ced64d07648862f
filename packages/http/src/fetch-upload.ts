/**
 * A stream given to `fetch`, on its way up. That of undici would keep all that was sent, and read on to the end of a stream whose
 * request has ended. So it is given an empty one to hold, and the connection a stream of Node, which undici gives up with it.
 */
import { Readable } from 'node:stream'

export class Upload {
  /** What `fetch` is to hold. */
  readonly standIn: ReadableStream
  private readonly stream: ReadableStream<unknown>
  private sending: Sending | undefined = undefined

  constructor(stream: ReadableStream<unknown>) {
    this.stream = stream
    const cancel = (reason: unknown): void => this.giveUp(reason)
    this.standIn = new ReadableStream({ cancel }, { highWaterMark: 0 })
  }

  /** What to send. */
  begin(): Readable {
    this.sending = new Sending(this.stream.getReader())
    return this.sending
  }

  /** Gives the stream up with a request that fails, or is answered by somebody who never began to take it. */
  async follow(answer: Promise<unknown>): Promise<void> {
    try {
      await answer
      // Whoever took it has it from here: the connection, which may still send while the answer comes.
      if (this.sending?.isTaken !== true) this.giveUp(undefined)
    } catch (error) {
      // Of a request that `fetch` refuses as it stands the body is the caller's still.
      if (this.sending !== undefined || this.standIn.locked) this.giveUp(causeOf(error))
    }
  }

  private giveUp(reason: unknown): void {
    // What the caller's own `cancel` fails with is nobody's business here.
    if (this.sending === undefined) this.stream.cancel(reason).catch(() => undefined)
    else this.sending.giveUp(reason)
  }
}

/** Whether `fetch` takes a body as a stream to be sent; others it refuses. */
export function isUnread(body: unknown): body is ReadableStream<unknown> {
  // In its types Node asks only for streams of its own.
  return body instanceof ReadableStream && !body.locked && !Readable.isDisturbed(body as unknown as Readable)
}

class Sending extends Readable {
  isTaken = false
  private readonly reader: ReadableStreamDefaultReader<unknown>
  private reason: unknown = undefined

  constructor(reader: ReadableStreamDefaultReader<unknown>) {
    // Nothing is read ahead, and chunks stay what they are.
    super({ objectMode: true, highWaterMark: 0 })
    this.reader = reader
    // Its request tells of what went wrong.
    this.on('error', () => undefined)
  }

  giveUp(reason: unknown): void {
    this.reason = reason
    this.destroy()
  }

  override _read(): void {
    this.isTaken = true
    this.reader.read().then(
      ({ done, value }) => {
        if (this.destroyed) return
        if (done) this.push(null)
        // For a stream of Node that is its end: half of a body would pass for all of it.
        else if (value === null || value === undefined)
          this.destroy(new TypeError('a chunk of the body is not bytes'))
        else this.push(value)
      },
      (error: unknown) => this.destroy(error as Error),
    )
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    callback(error)
    // Undici does not say why it gives a stream up; the request does, within this turn.
    setImmediate(() => {
      const reason = this.reason ?? error ?? new DOMException('The request has ended.', 'AbortError')
      this.reader.cancel(reason).catch(() => undefined)
    })
  }
}

// `fetch` says only that it failed.
function causeOf(error: unknown): unknown {
  return error instanceof TypeError && error.cause !== undefined ? error.cause : error
}
