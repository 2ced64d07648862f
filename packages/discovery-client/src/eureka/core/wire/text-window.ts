/**
 * The part of a long text that is being read: it comes piece by piece, and what has been read is dropped. So nobody has to put 10 MB
 * together in one go before the first character is looked at.
 */

/** The next piece of a text, perhaps an empty one; `undefined` when there is no more. */
export type NextPiece = () => string | undefined

export class TextWindow {
  /** What is at hand. */
  text = ''
  /** The next character to be read, in `text`. */
  at = 0
  private readonly next: NextPiece
  private isWhole = false
  private dropped = 0

  constructor(next: NextPiece) {
    this.next = next
  }

  /** The next character's place in the whole text. */
  get position(): number {
    return this.dropped + this.at
  }

  /** Whether nothing comes after what is at hand. */
  get isLast(): boolean {
    return this.isWhole
  }

  /** Sees to it that at least `chars` characters are ahead, if there are as many; whether there is one at all. */
  reach(chars: number): boolean {
    if (this.text.length - this.at < chars && !this.isWhole) this.fill(2 * chars)
    return this.at < this.text.length
  }

  private fill(chars: number): void {
    const pieces = [this.text.slice(this.at)]
    for (let ahead = this.text.length - this.at; ahead < chars;) {
      const piece = this.next()
      if (piece === undefined) {
        this.isWhole = true
        break
      }
      pieces.push(piece)
      ahead += piece.length
    }
    this.dropped += this.at
    this.at = 0
    this.text = pieces.join('')
  }
}

/** A text that is there already, in one piece. */
export function wholeText(text: string): NextPiece {
  let rest: string | undefined = text
  return () => {
    const piece = rest
    rest = undefined
    return piece
  }
}
