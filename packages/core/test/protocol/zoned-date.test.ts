import { describe, expect, test } from "vitest"
import { dateFromIso, isoFromDate, ZonedDate } from "../../src/protocol/zoned-date.js"

describe("ZonedDate [VA-5]", () => {
  test.each([
    ["2026-01-31T12:00:00.123456+02:00", "2026-01-31T10:00:00.123Z"],
    ["2026-01-31T12:00:00-05:30", "2026-01-31T17:30:00.000Z"],
    ["1890-06-01T12:00:00+00:53:28", "1890-06-01T11:06:32.000Z"],
    ["1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999Z"],
    ["0001-01-01T00:00:00.000001Z", "0001-01-01T00:00:00.000Z"],
  ])("%s is the instant %s and keeps its text", (iso, instant) => {
    const date = new ZonedDate(iso)
    expect(date).toBeInstanceOf(Date)
    expect(date.toISOString()).toBe(instant)
    expect(date.iso).toBe(iso)
    expect(JSON.stringify(date)).toBe(JSON.stringify(iso))
    expect(isoFromDate(date)).toBe(iso)
  })

  test("once changed, it is what it was changed to", () => {
    const date = new ZonedDate("2026-01-31T12:00:00.123456+02:00")
    date.setUTCHours(0)
    expect(date.iso).toBe("2026-01-31T00:00:00.123Z")
  })

  test.each([
    "",
    "2026-01-31",
    "2026-02-29T00:00:00Z",
    "2026-01-31T12:00:00",
    "2026-01-31T24:00:00Z",
    "2026-01-31T12:00:00+99:00",
  ])("%j is refused", (text) => {
    expect(() => new ZonedDate(text)).toThrow(RangeError)
    expect(dateFromIso(text)).toBeUndefined()
  })

  test("a Date is enough for UTC and milliseconds", () => {
    for (const iso of ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.120000+00:00"]) {
      expect(dateFromIso(iso)).not.toBeInstanceOf(ZonedDate)
    }
    expect(dateFromIso("2026-01-31T12:00:00.120001+00:00")).toBeInstanceOf(ZonedDate)
    expect(dateFromIso("2026-01-31T12:00:00+01:00")).toBeInstanceOf(ZonedDate)
  })
})
