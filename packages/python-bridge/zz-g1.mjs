import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
import { grpc } from "@snakepit/transport-grpc"
const which = process.argv[2] ?? "grpc"
const n = +(process.argv[3] ?? 60000)
const t = which === "json" ? json() : which === "tcp" ? grpc({ listen: "tcp" }) : grpc()
const pit = await Snakepit.start({ adapter: python(), transports: [t], pool: { size: 1 } })
console.log(pit.workers()[0].transport, (await pit.execute("add", { a: 1, b: 2 })))
async function many(n, k, f) { let i = 0; const t = performance.now(); await Promise.all(Array.from({ length: k }, async () => { while (i++ < n) await f() })); return (performance.now() - t) / 1000 }
await many(5000, 64, () => pit.execute("echo", { value: 1 }))
for (let r = 0; r < 3; r++) { const c = process.cpuUsage(); const s = await many(n, 64, () => pit.execute("echo", { value: 1 })); const u = process.cpuUsage(c); console.log("calls/s", Math.round(n / s), "host cpu us/call", ((u.user + u.system) / n).toFixed(1)) }
const ts = []; for (let i = 0; i < 1500; i++) { const t = performance.now(); await pit.execute("echo", { value: 1 }); ts.push(performance.now() - t) } ts.sort((a, b) => a - b); console.log("p50 us", Math.round(ts[750] * 1000))
for (const mb of [1, 10, 100]) { const b = new Uint8Array(mb * 1e6).fill(7), k = Math.max(2, Math.min(20, 100 / mb | 0)); await pit.execute("echo", { value: b }); const s = await many(k, 1, () => pit.execute("echo", { value: b })); console.log(mb, "MB echo", Math.round(mb * k / s), "MB/s") }
await pit.close()
