import { readFileSync } from "node:fs"
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
import { grpc } from "@snakepit/transport-grpc"
const rounds = +(process.argv[2] ?? 8)
const cpu = pid => { const s = readFileSync(`/proc/${pid}/stat`, "utf8"); const f = s.slice(s.lastIndexOf(")") + 2).split(" "); return (+f[11] + +f[12]) * 10000 }
const pits = {}
for (const [k, t] of [["json", json()], ["grpc", grpc()]]) pits[k] = await Snakepit.start({ adapter: python(), transports: [t], pool: { size: 1 } })
async function many(n, k, f) { let i = 0; const t = performance.now(); await Promise.all(Array.from({ length: k }, async () => { while (i++ < n) await f() })); return (performance.now() - t) / 1000 }
const res = { json: [], grpc: [] }, lat = { json: [], grpc: [] }, c = { json: [0, 0, 0], grpc: [0, 0, 0] }, big = { json: [], grpc: [] }
const b = new Uint8Array(10e6).fill(7), N = 8000
for (let r = 0; r < rounds; r++) for (const k of ["json", "grpc"]) {
  const pit = pits[k], pid = pit.workers()[0].pid
  const w0 = cpu(pid), h0 = process.cpuUsage()
  const s = await many(N, 64, () => pit.execute("echo", { value: 1 }))
  const h1 = process.cpuUsage(h0)
  if (r) { res[k].push(N / s); c[k][0] += N; c[k][1] += cpu(pid) - w0; c[k][2] += h1.user + h1.system }
  for (let i = 0; i < 200; i++) { const t = performance.now(); await pit.execute("echo", { value: 1 }); lat[k].push(performance.now() - t) }
  if (!process.env.SMALL) { const t = performance.now(); for (let i = 0; i < 4; i++) await pit.execute("echo", { value: b }); big[k].push(40 / (performance.now() - t) * 1000) }
}
for (const k of ["json", "grpc"]) { res[k].sort((a, b) => a - b); lat[k].sort((a, b) => a - b); big[k].sort((a, b) => a - b)
  console.log(k, "calls/s med", res[k][res[k].length >> 1] | 0, "max", res[k].at(-1) | 0, "| worker us/call", (c[k][1] / c[k][0]).toFixed(1), "host us/call", (c[k][2] / c[k][0]).toFixed(1), "| p50", Math.round(lat[k][lat[k].length >> 1] * 1000), "p10", Math.round(lat[k][lat[k].length / 10 | 0] * 1000), "| 10MB", big[k][big[k].length >> 1]?.toFixed(0), "max", big[k].at(-1)?.toFixed(0)) }
for (const p of Object.values(pits)) await p.close()
