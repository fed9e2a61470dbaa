import { Snakepit } from "@snakepit/core"
import { json } from "@snakepit/transport-json"
import { expect, onTestFinished, test } from "vitest"
import { pythonWorker } from "./python-worker.js"

// Without them the suites would pass over stand-ins.
test("the workers of the suites have NumPy and pydantic", async () => {
  const pit = await Snakepit.start({
    adapter: pythonWorker,
    transports: [json()],
    pool: { size: 1 },
    logger: false,
  })
  onTestFinished(() => pit.close({ grace: 0 }))
  expect(await pit.execute("libraries", { names: ["numpy", "pydantic"] })).toEqual(["numpy", "pydantic"])
})
