import { Snakepit } from "@snakepit/core"
import { python } from "./dist/index.js"
import { json } from "@snakepit/transport-json"
const pit = await Snakepit.start({ adapter: python(), transports: [json()], pool: { size: 2 } })
console.log(await pit.execute("add", { a: 2, b: 3 }))
for await (const c of pit.stream("stream_progress", { steps: 3 })) console.log(c)
try { await pit.execute("compute", {operation:"divide",a:1,b:0}) } catch (e) { console.log(e) }
pit.tools.register("hello", ({name}) => `hi ${name}`)
console.log(await pit.execute("call_elixir_demo", {tool_name:"hello", name:"x"}).catch(e=>e.message))
console.log(pit.stats(), pit.workers())
await pit.close()
console.log("closed")
