const colour = process.stdout.isTTY && !process.env.NO_COLOR
const paint = (code) => (text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)

export const bold = paint(1)
export const dim = paint(2)
export const red = paint(31)
export const green = paint(32)
export const yellow = paint(33)

export const step = (text) => console.log(bold(`▸ ${text}`))
export const note = (text) => console.log(dim(`  ${text}`))
export const warn = (text) => console.log(yellow(`! ${text}`))

/** A failure whose message is all that the user needs: shown without a stack. */
export class Stop extends Error {}

/** Runs a script's `main`, and ends the process with its exit code (default 0) or 1 when it throws. */
export async function script(main) {
  try {
    process.exitCode = (await main(process.argv.slice(2))) ?? 0
  } catch (error) {
    console.error(red(`✗ ${error instanceof Stop ? error.message : error.stack}`))
    process.exitCode = 1
  }
}
