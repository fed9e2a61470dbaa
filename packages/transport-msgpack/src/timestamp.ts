import { dateFromIso } from "@snakepit/core/transport"

/**
 * A date of MessagePack's standard: seconds since 1970 in 32, 34 or 64 bits; the longer ones with nanoseconds.
 * @returns undefined when it is malformed, or beyond the year 9999.
 */
export function readTimestamp(bytes: Buffer): Date | undefined {
  switch (bytes.length) {
    case 4:
      return instant(bytes.readUInt32BE(), 0)
    case 8:
      return instant((bytes.readUInt32BE() % 4) * 2 ** 32 + bytes.readUInt32BE(4), bytes.readUInt32BE() >>> 2)
    case 12:
      return instant(Number(bytes.readBigInt64BE(4)), bytes.readUInt32BE())
    default:
      return undefined
  }
}

function instant(seconds: number, nanoseconds: number): Date | undefined {
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime()) || nanoseconds > 999_999_999) return undefined
  const fraction = `.${String(nanoseconds).padStart(9, "0")}`.replace(/(000)+$/, "")
  return dateFromIso(`${date.toISOString().slice(0, -5)}${fraction === "." ? "" : fraction}Z`)
}
