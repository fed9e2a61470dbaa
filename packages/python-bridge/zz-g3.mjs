import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { grpc } from "@snakepit/transport-grpc"
import { spawn } from "node:child_process"
const pit = await Snakepit.start({ adapter: python(), transports: [grpc()], pool: { size: 1 } })
const pid = pit.workers()[0].pid
const what = process.argv[2]
const p = spawn("/work/main/.cache/grpc-gen/venv/bin/py-spy", ["record", "-p", pid, "-d", "4", "-r", "200", "-t", "-n", "-f", "raw", "-o", "/tmp/spy.txt"], { stdio: "inherit" })
let stop = false; p.on("exit", () => { stop = true })
const b = new Uint8Array(10e6).fill(7)
if (what === "big") while (!stop) await pit.execute("echo", { value: b })
else await Promise.all(Array.from({ length: 64 }, async () => { while (!stop) await pit.execute("echo", { value: 1 }) }))
await pit.close()
