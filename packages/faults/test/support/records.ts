import type { LogRecord } from "@snakepit/core"

/** The log records that have come, and a way to wait for one. */
export class Records {
  readonly all: LogRecord[] = []
  #waiting: (() => void)[] = []

  readonly logger = (record: LogRecord): void => {
    this.all.push(record)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** The first record with this text; waits for it. The test's own timeout bounds the wait. */
  async saying(text: string): Promise<LogRecord> {
    for (;;) {
      const found = this.all.find(({ message }) => message.includes(text))
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }
}
