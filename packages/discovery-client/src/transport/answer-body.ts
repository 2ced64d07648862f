/**
 * The body of an answer in the pieces in which it came. A registry of 10 000 instances has 10 MB: put together, they would be
 * copied in one go, and the event loop would stand still meanwhile.
 */
import { Buffer } from 'node:buffer'

/** As pages begin, those of people who wrote no more than was needed too; perhaps with what makes them XML before it. */
const PAGE =
  /^(?:\u00ef\u00bb\u00bf)?\s{0,64}(?:<\?xml\b[^>]{0,64}>\s{0,8})?<(?:!--|(?:!doctype\s+html|html|head|title|meta|script|body)\b)/i
const PAGE_HEAD_BYTES = 128

export class AnswerBody {
  readonly chunks: readonly Buffer[]
  /** In bytes. */
  readonly length: number

  constructor(chunks: readonly Buffer[]) {
    this.chunks = chunks
    this.length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  }

  /** Whether it begins as a page of HTML does: nothing that was asked for, whatever its status. */
  get isPage(): boolean {
    const head: Buffer[] = []
    for (let index = 0, bytes = 0; index < this.chunks.length && bytes < PAGE_HEAD_BYTES; index++) {
      const chunk = this.chunks[index] as Buffer
      head.push(chunk.subarray(0, PAGE_HEAD_BYTES))
      bytes += chunk.length
    }
    return PAGE.test(Buffer.concat(head).toString('latin1'))
  }

  /** All of it as UTF-8, for short ones. */
  toString(): string {
    return Buffer.concat(this.chunks).toString('utf8')
  }
}
