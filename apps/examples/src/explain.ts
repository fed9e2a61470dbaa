import { StartFailed, ToolError } from "@snakepit/core"

/** For programs whose Python needs more than the bridge itself: where that is missing, one line says what to do. */
export function explainMissingLibraries(): void {
  process.on("uncaughtException", (error) => {
    const missing = missingLibrary(error)
    const advice =
      'run "npm run setup" and start from this repository\'s folder, or: pip install "snakepit-bridge[showcase]"'
    console.error(missing === undefined ? error : `This example needs ${missing} in Python: ${advice}`)
    process.exitCode = 1
  })
}

/** What Python could not import, whether a tool or the adapter's own file wanted it. */
function missingLibrary(error: unknown): string | undefined {
  if (error instanceof ToolError && error.type === "ModuleNotFoundError")
    return error.message.match(/: (\w+) is missing/)?.[1]
  if (error instanceof StartFailed) return error.traceback?.match(/No module named '(\w+)/)?.[1]
  return undefined
}
