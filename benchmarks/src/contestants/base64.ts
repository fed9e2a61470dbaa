/** How bytes travel with peers that know only text. */
export const toBase64 = (data: Uint8Array): string =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64")

export const fromBase64 = (text: string): Uint8Array => Buffer.from(text, "base64")
