interface Waiting<Answer> {
  readonly last: (answer: Answer) => boolean
  readonly reject: (reason: Error) => void
}

/** Matches answers to requests where they come back in the order in which they were asked for. */
export class AnswerQueue<Answer> {
  readonly #waiting: Waiting<Answer>[] = []
  #failure: Error | undefined

  /** Waits for the next answer that nobody else waits for. Rejects when the worker fails. */
  one(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const last = (answer: Answer) => {
        resolve(answer)
        return true
      }
      this.#add({ last, reject })
    })
  }

  /** Waits for `n` (at least 1) answers in a row. Rejects when the worker fails. */
  many(n: number, onAnswer: (answer: Answer) => void): Promise<void> {
    let left = n
    return new Promise((resolve, reject) => {
      const last = (answer: Answer) => {
        onAnswer(answer)
        if (--left > 0) return false
        resolve()
        return true
      }
      this.#add({ last, reject })
    })
  }

  /** @throws Error when nobody waits for an answer */
  accept(answer: Answer): void {
    const [oldest] = this.#waiting
    if (oldest === undefined) throw new Error("the worker sent an answer that nobody waits for")
    if (oldest.last(answer)) this.#waiting.shift()
  }

  /** Rejects everything that waits, and whatever is asked for later. */
  fail(reason: Error): void {
    this.#failure ??= reason
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure)
  }

  #add(waiting: Waiting<Answer>): void {
    if (this.#failure === undefined) this.#waiting.push(waiting)
    else waiting.reject(this.#failure)
  }
}
