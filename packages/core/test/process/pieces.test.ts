import { describe, expect, test } from "vitest"
import { ByteTail } from "../../src/process/byte-tail.js"
import { FloodGate } from "../../src/process/flood-gate.js"
import { LineSplitter, maxLineBytes } from "../../src/process/line-splitter.js"
import { printable } from "../../src/process/printable.js"

function split(chunks: readonly (string | Buffer)[]): string[] {
  const lines: string[] = []
  const splitter = new LineSplitter((line) => lines.push(line.text()))
  for (const chunk of chunks) splitter.push(Buffer.from(chunk))
  splitter.end()
  return lines
}

describe("LineSplitter", () => {
  test.each([
    [[], []],
    [["a\nb\n"], ["a", "b"]],
    [
      ["a", "b\n", "\nc"],
      ["ab", "", "c"],
    ],
    [
      ["dos\r\n", "un\rix\n"],
      ["dos", "un\rix"],
    ],
    [[Buffer.from([0xe2, 0x82]), Buffer.from([0xac, 0x0a])], ["€"]],
  ])("splits %j into %j", (chunks, lines) => {
    expect(split(chunks)).toEqual(lines)
  })

  test("cuts a line that is too long, never through a character", () => {
    const exact = "x".repeat(maxLineBytes)
    expect(split([`${exact}\n`, `${exact}yz\n`, "next\n"])).toEqual([exact, `${exact}…`, "next"])
    const [line] = split(["x", "€".repeat(maxLineBytes)])
    expect(line).toBe(`x${"€".repeat((maxLineBytes - 1) / 3)}…`)
  })
})

describe("printable", () => {
  test.each([
    ["plain\ttext é 漢 🙂", "plain\ttext é 漢 🙂"],
    ["\u001b[1;31mred\u001b[0m", "red"],
    ["\u001b]0;title\u0007text", "text"],
    ["a\u001bb", "a\\x1bb"],
    ["a\nb\rc\u0000\u007f", "a\\x0ab\\rc\\x00\\x7f"],
    ["\u0085\u2028\u202e", "\\x85\\u2028\\u202e"],
  ])("shows %j as %j", (text, shown) => {
    expect(printable(text)).toBe(shown)
  })
})

describe("FloodGate", () => {
  test("lets so many lines pass in each second, and tells what it held back", () => {
    const floods: number[] = []
    const gate = new FloodGate(2, (dropped) => floods.push(dropped))
    const times = [0, 1, 2, 999, 1000, 1500, 1501, 9000]
    expect(times.map((now) => gate.admit(now))).toEqual([true, true, false, false, true, true, false, true])
    expect(gate.dropped).toBe(3)
    gate.end()
    gate.end()
    expect(floods).toEqual([3])
  })
})

describe("ByteTail", () => {
  test("keeps the last bytes, without the line they begin in", () => {
    const tail = new ByteTail(8)
    tail.push(Buffer.from("abc\n"))
    tail.push(Buffer.from("de\n"))
    expect(tail.text()).toBe("abc\nde\n")
    tail.push(Buffer.from("fgh"))
    expect(tail.text()).toBe("de\nfgh")
    tail.push(Buffer.from("0123456789"))
    expect(tail.text()).toBe("23456789")
  })
})
