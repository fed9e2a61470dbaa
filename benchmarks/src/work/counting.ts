import { createHook } from "node:async_hooks"
import type { Duplex } from "node:stream"
import type { Transport } from "@snakepit/core/transport"

/** What this program did. */
export interface Counts {
  /** Frames; chunks count one by one, also those that came in one frame. */
  sent: number
  received: number
  /** Writes to the channel and reads from it, and the bytes that came. */
  writes: number
  reads: number
  bytesReceived: number
  promises: number
  timers: number
  /** Callbacks of `process.nextTick`, Node's own included. */
  ticks: number
}

const none: Counts = {
  sent: 0,
  received: 0,
  writes: 0,
  reads: 0,
  bytesReceived: 0,
  promises: 0,
  timers: 0,
  ticks: 0,
}

/** Counts from `start` to `stop`; frames, writes and reads of the transports that were made by `watched`. */
export class Counter {
  #counts: Counts = { ...none }
  readonly #hook = createHook({
    init: (_id, type) => {
      if (type === "PROMISE") this.#counts.promises += 1
      else if (type === "Timeout") this.#counts.timers += 1
      else if (type === "TickObject") this.#counts.ticks += 1
    },
  })

  start(): void {
    this.#counts = { ...none }
    this.#hook.enable()
  }

  stop(): Counts {
    this.#hook.disable()
    return this.#counts
  }

  watched(transport: Transport): Transport {
    return {
      ...transport,
      open: async (io) => {
        this.#watchStream(io.stream)
        const channel = await transport.open(io)
        const send = channel.send.bind(channel)
        const onFrames = channel.onFrames.bind(channel)
        channel.send = (frame) => {
          this.#counts.sent += 1
          return send(frame)
        }
        channel.onFrames = (handler) =>
          onFrames((batch) => {
            this.#counts.received += batch.length
            handler(batch)
          })
        return channel
      },
    }
  }

  #watchStream(stream: Duplex): void {
    const write = stream._write.bind(stream)
    const writev = stream._writev?.bind(stream)
    const push = stream.push.bind(stream)
    stream._write = (chunk, encoding, done) => {
      this.#counts.writes += 1
      write(chunk, encoding, done)
    }
    if (writev !== undefined) {
      stream._writev = (chunks, done) => {
        this.#counts.writes += 1
        writev(chunks, done)
      }
    }
    stream.push = (chunk, encoding) => {
      this.#counts.reads += 1
      this.#counts.bytesReceived += chunk?.length ?? 0
      return push(chunk, encoding)
    }
  }
}
