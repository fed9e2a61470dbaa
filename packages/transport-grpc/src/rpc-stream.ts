import { Duplex } from "node:stream"
import type { FrameBatch } from "./gen/snakepit/v1/worker_pb.js"
import type { Ledger } from "./ledger.js"
import type { Requests } from "./requests.js"

/** How long the RPC may go on without the private channel, or the other way round. */
const lingerMs = 500

/** Smaller chunks were copied before they came here. */
const ownBytes = 64 * 1024

type Done = (error?: Error | null) => void

export interface Rpc {
  readonly requests: Requests
  readonly responses: AsyncIterable<FrameBatch>
  readonly ledger: Ledger
  /** Settles when the worker's private channel has ended; never rejects. */
  readonly left: Promise<void>
  /** Closes everything. */
  close(): void
}

/** The bytes that an RPC carries. Ends when the RPC and the private channel have both been read to their ends. */
export class RpcStream extends Duplex {
  readonly #rpc: Rpc
  #reading = false

  constructor(rpc: Rpc) {
    super({ allowHalfOpen: true })
    this.#rpc = rpc
  }

  override _read(): void {
    if (this.#reading) return
    this.#reading = true
    void this.#readAll()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#rpc.requests.add([own(chunk)], done)
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Done): void {
    this.#rpc.requests.add(
      chunks.map(({ chunk }) => own(chunk)),
      done,
    )
  }

  override _final(done: Done): void {
    this.#rpc.requests.end()
    done()
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#rpc.close()
    done(error)
  }

  async #readAll(): Promise<void> {
    const { left } = this.#rpc
    const received = this.#receive()
    const first = await Promise.race([received, left])
    const both = Promise.all([received, left])
    const inTime = await within(lingerMs, both)
    if (this.destroyed) return
    // An RPC that fails while the worker lives on is worth telling; the end of the worker itself is not.
    if (inTime === undefined && first instanceof Error) this.destroy(first)
    else this.push(null)
  }

  /** @returns why the RPC ended, when it did so with an error. */
  async #receive(): Promise<Error | undefined> {
    try {
      // Nothing is awaited in between: what came before the end of a connection must not be lost behind it.
      for await (const { frames } of this.#rpc.responses) this.push(frames)
      return undefined
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }
}

/** Large memory is the user's own, and leaves piece by piece: it may change, or go elsewhere, meanwhile. */
function own(chunk: Buffer): Uint8Array {
  return chunk.byteLength < ownBytes ? chunk : Uint8Array.prototype.slice.call(chunk)
}

/** What a promise resolves with, or `undefined` when that takes too long. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    // After a late timer pending input is read first, therefore the extra turn.
    timer = setTimeout(() => setImmediate(() => resolve(undefined)), ms).unref()
  })
  const first = await Promise.race([promise, late])
  clearTimeout(timer)
  return first
}
