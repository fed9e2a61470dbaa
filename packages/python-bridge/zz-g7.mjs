import { readFileSync } from "node:fs"
import { spawn } from "node:child_process"
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { grpc } from "@snakepit/transport-grpc"
const cpu = pid => { const s = readFileSync(`/proc/${pid}/stat`, "utf8"); const f = s.slice(s.lastIndexOf(")") + 2).split(" "); return (+f[11] + +f[12]) * 10000 }
const pit = await Snakepit.start({ adapter: python(), transports: [grpc()], pool: { size: 1 } })
const pid = pit.workers()[0].pid
for (let i = 0; i < 300; i++) await pit.execute("echo", { value: 1 })
let w = cpu(pid), h = process.cpuUsage(), ts = []
const n = +(process.env.N ?? 1500); for (let i = 0; i < n; i++) { const t = performance.now(); await pit.execute("echo", { value: 1 }); ts.push(performance.now() - t) }
h = process.cpuUsage(h); ts.sort((a, b) => a - b); console.log("single: worker us", ((cpu(pid) - w) / n).toFixed(0), "host us", ((h.user + h.system) / n).toFixed(0), "p10", (ts[n / 10] * 1000).toFixed(0), "p50", (ts[n / 2] * 1000).toFixed(0))
if (process.argv[2]) {
  const s = spawn("strace", ["-f", "-o", "/tmp/st.txt", "-p", pid, "-tt"], { stdio: "ignore" }); await new Promise(r => setTimeout(r, 1000))
  for (let i = 0; i < 5; i++) { await pit.execute("echo", { value: 1 }); await new Promise(r => setTimeout(r, 20)) }
  s.kill("SIGINT"); await new Promise(r => setTimeout(r, 500))
}
await pit.close()
