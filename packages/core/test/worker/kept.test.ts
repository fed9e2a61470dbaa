import { queryObjects } from "node:v8"
import { expect, onTestFinished, test } from "vitest"
import { Snakepit } from "../../src/index.js"
import { inProcess, memory } from "../../src/testing.js"
import { Worker } from "../../src/worker/worker.js"

test("nothing is kept of workers that were replaced", async () => {
  const pit = await Snakepit.start({
    adapter: inProcess({ tools: { echo: ({ value }: { value: number }) => value } }),
    transports: [memory()],
    pool: { size: 1, recycle: { maxRequests: 1, jitter: 0 } },
    logger: false,
  })
  onTestFinished(() => pit.close({ grace: 0 }))
  for (let value = 0; value < 50; value += 1) {
    const recycled = pit.once("snakepit.worker.recycled")
    await pit.execute("echo", { value })
    await recycled
  }
  expect(queryObjects(Worker, { format: "count" })).toBeLessThan(10)
})
