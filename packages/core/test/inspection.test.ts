import { expect, test } from "vitest"
import { Snakepit, type Transport } from "../src/index.js"
import { inProcess, memory } from "../src/testing.js"
import type { Frame } from "../src/transport/index.js"

test("frames that belong to no call are counted for all to see", async () => {
  let receive: (batch: readonly Frame[]) => void = () => {}
  const transport: Transport = {
    name: memory().name,
    async open(io) {
      const channel = await memory().open(io)
      const listen = channel.onFrames.bind(channel)
      return Object.assign(channel, {
        onFrames(handler: typeof receive) {
          receive = handler
          listen(handler)
        },
      })
    },
  }
  const adapter = inProcess({ tools: {} })
  await using pit = await Snakepit.start({
    adapter,
    transports: [transport],
    pool: { size: 1 },
    logger: false,
  })
  expect(pit.workers()).toMatchObject([{ droppedFrames: 0, droppedLines: 0 }])
  receive([{ type: "result", id: 99, value: 1 }])
  expect(pit.workers()).toMatchObject([{ droppedFrames: 1, droppedLines: 0 }])
})
