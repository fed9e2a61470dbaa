/** Smaller pieces are joined, because a copy costs less than a piece of its own. */
const joinBytes = 64 * 1024

/** Whether a piece is copied: a large one had better be written from where it is, and at once. */
export const isSmall = (bytes: Uint8Array): boolean => bytes.byteLength < joinBytes

/** Gathers what is to be written into as few pieces as possible; large ones are not copied. */
export class Pieces {
  #done: (string | Uint8Array)[] = []
  #text = ""
  #small: Uint8Array[] = []

  add(piece: string | Uint8Array): void {
    if (typeof piece === "string") {
      if (this.#small.length > 0) this.#closeSmall()
      this.#text += piece
      return
    }
    if (this.#text !== "") this.#closeText()
    if (isSmall(piece)) {
      this.#small.push(piece)
      return
    }
    if (this.#small.length > 0) this.#closeSmall()
    this.#done.push(piece)
  }

  /** Everything so far, in order. */
  take(): readonly (string | Uint8Array)[] {
    if (this.#text !== "") this.#closeText()
    if (this.#small.length > 0) this.#closeSmall()
    const done = this.#done
    this.#done = []
    return done
  }

  #closeText(): void {
    this.#done.push(this.#text)
    this.#text = ""
  }

  #closeSmall(): void {
    const [first] = this.#small
    this.#done.push(this.#small.length === 1 && first !== undefined ? first : Buffer.concat(this.#small))
    this.#small = []
  }
}
