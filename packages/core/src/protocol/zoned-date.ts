/** Parts of an ISO 8601 date with a zone: date, time, fraction, offset. */
const pattern =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:(Z)|([+-])(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)$/

interface ParsedDate {
  /** Milliseconds since 1970, rounded down. */
  readonly time: number
  /** Whether a `Date` holds all of it: UTC, and nothing beyond milliseconds. */
  readonly exact: boolean
}

/**
 * A `Date` that keeps what a `Date` cannot hold: the offset it was written with, and digits beyond milliseconds.
 * As a `Date` it is the same instant, rounded down to the millisecond.
 */
export class ZonedDate extends Date {
  readonly #text: string
  readonly #time: number

  /**
   * @param iso for instance `2026-01-31T12:00:00.123456+02:00`; year 1 to 9999, an offset is required.
   * @throws {RangeError} when `iso` is not such a date.
   */
  constructor(iso: string) {
    const parsed = parseIso(iso)
    if (parsed === undefined) throw new RangeError(`Not a date with a zone: ${JSON.stringify(iso)}`)
    super(parsed.time)
    this.#text = iso
    this.#time = parsed.time
  }

  /** The exact text, offset and all digits included. UTC once the date was changed by a setter. */
  get iso(): string {
    return this.isAsWritten ? this.#text : this.toISOString()
  }

  /** Whether no setter has changed it. */
  get isAsWritten(): boolean {
    return this.getTime() === this.#time
  }

  override toJSON(): string {
    return this.iso
  }
}

/** The date that `iso` means, `ZonedDate` only where `Date` would lose something. `undefined`: it is not a date. */
export function dateFromIso(iso: string): Date | undefined {
  const parsed = parseIso(iso)
  if (parsed === undefined) return undefined
  return parsed.exact ? new Date(parsed.time) : new ZonedDate(iso)
}

/** The ISO text of a date. `undefined`: an invalid date, or a year outside 1 to 9999, which not every language has. */
export function isoFromDate(date: Date): string | undefined {
  if (date instanceof ZonedDate && date.isAsWritten) return date.iso
  const year = date.getUTCFullYear()
  return year >= 1 && year <= 9999 ? date.toISOString() : undefined
}

function parseIso(iso: string): ParsedDate | undefined {
  const match = pattern.exec(iso)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = "", utc] = match
  const milliseconds = `${fraction}000`.slice(0, 3)
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`
  const time = Date.parse(local)
  // Date.parse reads 30 February as 2 March, and 24:00 as the next day.
  if (year === "0000" || Number.isNaN(time) || new Date(time).toISOString() !== local) return undefined
  const offset = utc === undefined ? offsetOf(match) : 0
  if (offset === undefined) return undefined
  const exact = offset === 0 && /^0*$/.test(fraction.slice(3))
  return { time: Math.floor(time - offset), exact }
}

/** The offset from UTC in milliseconds; some historical zones have seconds, and even less. */
function offsetOf(match: RegExpExecArray): number | undefined {
  const [, , , , , , , , , sign, hours, minutes, seconds = "0", fraction = "0"] = match
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined
  const size = (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(`${seconds}.${fraction}`) * 1000
  return sign === "-" ? -size : size
}
