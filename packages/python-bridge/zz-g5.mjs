import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { grpc } from "@snakepit/transport-grpc"
const g = grpc(); let sizes = [], tot = 0
const t = { ...g, async open(io) { const ch = await g.open(io); const on = ch.onFrames.bind(ch); ch.onFrames = h => on(b => { sizes.push(b.length); tot++; h(b) }); let s = 0; const send = ch.send.bind(ch); ch.send = f => { s++; return send(f) }; return ch } }
const pit = await Snakepit.start({ adapter: python(), transports: [t], pool: { size: 1 } })
let n = 0; const k = 40000; const t0 = performance.now()
await Promise.all(Array.from({ length: 64 }, async () => { while (n++ < k) await pit.execute("echo", { value: 1 }) }))
console.log(k / (performance.now() - t0) * 1000 | 0, "avg batch", k / tot, sizes.slice(500, 560).join(" "))
await pit.close()
