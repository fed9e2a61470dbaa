import type { Duplex } from "node:stream"

/** How a worker ended. `code` is null when a signal ended it. */
export interface ExitInfo {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** For people, after a name: `exited with code 1`, `was killed by SIGKILL`. */
export function howItEnded({ code, signal }: ExitInfo): string {
  return signal === null ? `exited with code ${code}` : `was killed by ${signal}`
}

/** One line that a worker printed: without terminal sequences, other control characters escaped. */
export interface OutputLine {
  readonly stream: "stdout" | "stderr"
  readonly text: string
}

/** A worker that runs, whatever it runs in. */
export interface LaunchedWorker {
  /** `null` when the worker lives inside this process. */
  readonly pid: number | null
  /**
   * The private channel: raw bytes both ways. It delivers everything the worker wrote, also when the
   * worker is dead and writing to it fails: only reading tells that the worker is gone. It closes soon
   * after the exit, also when a process that left the worker's group holds its other end.
   */
  readonly channel: Duplex
  /** The adapter's advice for when it does not get far. */
  readonly hint: string | undefined
  /** Settles once the worker has ended; never rejects. What it wrote may still be unread then. */
  readonly exited: Promise<ExitInfo>
  /** Set before `exited` resolves. */
  readonly exitInfo: ExitInfo | undefined
  /** Settles when all output was read, at most half a second after `exited`; never rejects. */
  readonly drained: Promise<void>
  /** The end of what came on stderr, at most 8 KiB, escaped like every other output. */
  stderrTail(): string
  /** Lines that were not passed on because the worker printed too many. */
  readonly droppedLines: number
  /**
   * Asks the worker and its children to end, and kills them when `graceMs` milliseconds have passed.
   * Safe to call again: the shortest grace counts.
   */
  terminate(graceMs: number): Promise<ExitInfo>
  /** Kills the worker and its children now. Safe when it has ended. */
  kill(): void
}
