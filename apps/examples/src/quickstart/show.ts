import { stdout } from "node:process"

/** A terminal gets colours and a bar that moves; a file or a pipe gets plain lines. */
const paint = (code: number) => (text: string) => (stdout.isTTY ? `\u001b[${code}m${text}\u001b[0m` : text)
const bold = paint(1)
const green = paint(32)
const dim = paint(2)

const barWidth = 30

/** Announces a part, runs it, and says how long it took. */
export async function step(title: string, run: () => Promise<void>): Promise<void> {
  const begun = performance.now()
  console.log(`\n${bold(title)}`)
  await run()
  aside(`(${seconds(begun)})`)
}

export function line(text: string): void {
  console.log(`  ${text}`)
}

export function aside(text: string): void {
  console.log(dim(text.trimEnd().replace(/^/gm, "  ")))
}

export function success(text: string): void {
  console.log(`\n${green("✓")} ${text}`)
}

/** One row of a chart. */
export function bar(label: string, share: number, value: string): void {
  line(`${label.padStart(7)} ${"█".repeat(Math.max(0, Math.round(share * barWidth)))} ${value}`)
}

/** Shows how much of something is done: moving on a terminal, else a line for each quarter. */
export function progressBar(): (done: { bytes: number; total: number; flights: number }) => void {
  let quarters = 0
  return ({ bytes, total, flights }) => {
    const share = bytes / total
    const blocks = Math.floor(share * barWidth)
    const percent = String(Math.floor(share * 100)).padStart(3)
    const text = `  ${"█".repeat(blocks).padEnd(barWidth, "░")} ${percent} %  ${number(flights)} flights`
    if (stdout.isTTY) stdout.write(`\r${text}${share === 1 ? "\n" : ""}`)
    else if (Math.floor(share * 4) > quarters) console.log(text)
    quarters = Math.floor(share * 4)
  }
}

export function number(value: number, digits = 0): string {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

export function seconds(since: number): string {
  return `${number((performance.now() - since) / 1000, 2)} s`
}
