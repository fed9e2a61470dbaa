import { type Chunk, toChunk } from "./chunk.js"
import type { Client, OpenStream } from "./client.js"

/** A stream as an async iterable: opened by the first `next`, cancelled by leaving the loop, used once. */
export class ChunkStream<T> implements AsyncIterableIterator<Chunk<T>> {
  readonly #client: Client
  readonly #open: () => OpenStream
  #stream: OpenStream | undefined
  #done = false

  constructor(client: Client, open: () => OpenStream) {
    this.#client = client
    this.#open = open
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Chunk<T>, undefined>> {
    if (this.#done) return { done: true, value: undefined }
    try {
      this.#stream ??= this.#open()
      const { queue, call, process } = this.#stream
      let frame = queue.take()
      while (frame === "wait") {
        await this.#client.keepAlive.during(queue.changed())
        frame = queue.take()
      }
      if (frame === undefined) return this.#end()
      return { done: false, value: toChunk(frame, process(frame.value) as T, call) }
    } catch (error) {
      this.#done = true
      // What failed may be a hook of the adapter, while the tool goes on.
      this.#stream?.cancel("its consumer failed")
      throw withCallerStack(error, this.next)
    }
  }

  async return(): Promise<IteratorResult<Chunk<T>, undefined>> {
    this.#stream?.cancel("its consumer left the stream")
    return this.#end()
  }

  async throw(error: unknown): Promise<IteratorResult<Chunk<T>, undefined>> {
    await this.return()
    throw error
  }

  #end(): IteratorResult<Chunk<T>, undefined> {
    this.#done = true
    return { done: true, value: undefined }
  }
}

/**
 * Gives an error that was made in some callback the stack of the code that awaits it; a Python traceback follows.
 * Costs nothing for calls that succeed.
 */
export function withCallerStack(error: unknown, below: (...args: never[]) => unknown): unknown {
  // What a hook of the program threw has its own stack, which says where.
  if (!(error instanceof Error && "_tag" in error)) return error
  Error.captureStackTrace(error, below)
  const traceback =
    "traceback" in error && typeof error.traceback === "string" ? error.traceback.trimEnd() : ""
  if (!error.message.includes(traceback)) error.stack = `${error.stack}\n\n${traceback}`
  return error
}
