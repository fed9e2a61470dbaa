import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
const pit = await Snakepit.start({ adapter: python({ adapter: "conformance_adapter:ConformanceAdapter", cwd: new URL("../python", import.meta.url).pathname, env:{SNAKEPIT_UNSERIALIZABLE:"error"} }), transports: [json()], pool: { size: 1 }, logger: false })
for (const [name, make] of [["floats", (i) => i + 0.37], ["ints", (i) => i]]) {
  const list = Array.from({ length: 1_000_000 }, (_, i) => make(i))
  const times = []
  for (let i = 0; i < 6; i++) { const t = performance.now(); const r = await pit.execute("echo", { value: list }); times.push(performance.now() - t); if (r.length !== list.length || r[5] !== list[5]) throw new Error("bad") }
  times.sort((a, b) => a - b)
  console.log(name, "best ms", times[0].toFixed(0), "median", times[3].toFixed(0), "MB/s (8 MB each way, median)", (16 / times[3] * 1000).toFixed(0))
}
const b = new Uint8Array(8_000_000); const ts=[]; for (let i=0;i<8;i++){const t=performance.now(); await pit.execute("echo",{value:b}); ts.push(performance.now()-t)}; console.log("bytes", ts.map(x=>x.toFixed(0)).join(" "))
await pit.close()
