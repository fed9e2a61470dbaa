import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { grpc } from "@snakepit/transport-grpc"
const pit = await Snakepit.start({ adapter: python(), transports: [grpc()], pool: { size: 1 } })
let n = 0; const k = 60000; const t = performance.now()
await Promise.all(Array.from({ length: 64 }, async () => { while (n++ < k) await pit.execute("echo", { value: 1 }) }))
console.log(k / (performance.now() - t) * 1000 | 0)
console.log(globalThis.stats)
await pit.close()
