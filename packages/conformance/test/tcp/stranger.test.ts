import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { launchWorker } from "@snakepit/core/testing"
import { parseHello } from "@snakepit/core/transport"
import { expect, onTestFinished, test } from "vitest"
import { Peer } from "../../src/peer.js"
import { pythonWorker } from "../python-worker.js"
import { tcp } from "./tcp.js"

test("strangers are turned away, and keep nobody out", async () => {
  const worker = await launchWorker(pythonWorker, [tcp()])
  onTestFinished(async () => {
    worker.kill()
    await worker.exited
  })
  const first = parseHello(worker.line ?? "")
  const port = first.kind === "hello" ? Number(first.hello.address?.split(":").at(-1)) : 0
  const dial = async (): Promise<Socket> => {
    const socket = connect({ host: "127.0.0.1", port })
    onTestFinished(() => void socket.destroy())
    socket.on("error", () => {})
    await once(socket, "connect")
    return socket
  }
  for (let n = 0; n < 5; n++) await dial()
  const opening = worker.open(tcp())
  const liar = await dial()
  const refused = new Promise((resolve) => liar.resume().once("close", resolve))
  liar.write(`${"0".repeat(32)}\n`)
  await refused
  const peer = new Peer(await opening, worker.exited)
  expect(await peer.result(peer.call("add", { a: 1, b: 2 }))).toBe(3)
})
