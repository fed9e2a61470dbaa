import { onTestFinished } from "vitest"
import { Snakepit, type SnakepitConfig } from "../../src/index.js"
import { inProcess, memory, type ToolContext } from "../../src/testing.js"

export type Tools = Parameters<typeof inProcess>[0]["tools"]

/** A pool of one worker with these tools. */
export async function start(
  tools: Tools,
  more: Partial<SnakepitConfig> = {},
  concurrency = 1,
): Promise<Snakepit> {
  const adapter = inProcess({ tools, concurrency })
  const pit = await Snakepit.start({
    adapter,
    transports: [memory()],
    pool: { size: 1, cancelGrace: 50 },
    logger: false,
    ...more,
  })
  onTestFinished(() => pit.close({ grace: 0 }))
  return pit
}

/** A promise to be kept from outside. */
export function gate<T = void>(): { readonly passed: Promise<T>; open(value: T): void } {
  let open = (_value: T): void => {}
  const passed = new Promise<T>((resolve) => {
    open = resolve
  })
  return { passed, open: (value) => open(value) }
}

export const aborted = ({ signal }: ToolContext): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
