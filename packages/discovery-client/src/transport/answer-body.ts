/**
 * The body of an answer in the pieces in which it came. A registry of 10 000 instances has 10 MB: put together, they would be
 * copied in one go, and the event loop would stand still meanwhile.
 */
import { Buffer } from 'node:buffer'

export class AnswerBody {
  readonly chunks: readonly Buffer[]
  /** In bytes. */
  readonly length: number

  constructor(chunks: readonly Buffer[]) {
    this.chunks = chunks
    this.length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  }

  /** All of it as UTF-8, for short ones. */
  toString(): string {
    return Buffer.concat(this.chunks).toString('utf8')
  }
}
