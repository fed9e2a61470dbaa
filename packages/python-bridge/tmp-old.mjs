import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
for (const v of ["2.7.18","3.6.15","3.8.18"]) for (const channel of ["fd","stdio"]) {
  const p = `/root/.pyenv/versions/${v}/bin/python` + (v.startsWith("2")?"2":"3")
  await Snakepit.start({ adapter: python({ python: p, channel }), transports: [json()], logger: false, pool: { size: 1 } }).then(()=>console.log("up?!"), (e) => console.log(v, channel, e._tag, e.reason, e.message))
}
