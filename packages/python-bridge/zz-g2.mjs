import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { grpc } from "@snakepit/transport-grpc"
const pit = await Snakepit.start({ adapter: python(), transports: [grpc()], pool: { size: 1 } })
const b = new Uint8Array(10e6).fill(7)
const k = 15; await pit.execute("echo", { value: b }); const t = performance.now(); for (let i = 0; i < k; i++) await pit.execute("echo", { value: b }); console.log(10 * k / (performance.now() - t) * 1000, "MB/s", process.cpuUsage())
await pit.close()
