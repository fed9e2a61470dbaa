/** Cuts bytes into frames that begin with a little-endian u32, the payload's size, inside a fixed header. */
export class FrameReader {
  #pending: Buffer[] = []
  #size = 0
  #needed: number

  constructor(
    readonly headerBytes: number,
    readonly onFrame: (payload: Buffer) => void,
  ) {
    this.#needed = headerBytes
  }

  push(data: Buffer): void {
    this.#pending.push(data)
    this.#size += data.length
    if (this.#size < this.#needed) return
    const bytes = this.#pending.length === 1 ? data : Buffer.concat(this.#pending, this.#size)
    const rest = this.#readFrames(bytes)
    this.#pending = rest.length === 0 ? [] : [rest]
    this.#size = rest.length
  }

  #readFrames(bytes: Buffer): Buffer {
    let start = 0
    this.#needed = this.headerBytes
    while (bytes.length - start >= this.headerBytes) {
      const end = start + this.headerBytes + bytes.readUInt32LE(start)
      if (end > bytes.length) {
        this.#needed = end - start
        break
      }
      this.onFrame(bytes.subarray(start + this.headerBytes, end))
      start = end
    }
    return bytes.subarray(start)
  }
}
