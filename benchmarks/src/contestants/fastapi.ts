import { Pool } from "undici"
import { type Contestant, openEach, type Session } from "../contestant.js"
import { startServer } from "./server-process.js"

const connections = 64

/** https://fastapi.tiangolo.com behind uvicorn, called by undici over connections that stay open. */
export const fastapi: Contestant = {
  name: "fastapi",
  needs: ["fastapi", "uvicorn", "uvloop", "httptools"],
  open: ({ python, workers }) => openEach(workers, () => openOne(python)),
}

interface Body {
  readonly value: number
}

async function openOne(python: string): Promise<Session> {
  const server = await startServer(python, "fastapi_server.py")
  const pool = new Pool(`http://${server.address}`, { connections })
  const post = async (path: string, body: string | Uint8Array, type: string) => {
    const answer = await pool.request({ path, method: "POST", body, headers: { "content-type": type } })
    if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}`)
    return answer.body
  }
  const postNumber = (path: string, value: number) => post(path, JSON.stringify({ value }), "application/json")
  return {
    echo: async (value) => valueOf(await (await postNumber("/echo", value)).json()),
    echoBytes: async (data) => (await post("/bytes", data, "application/octet-stream")).bytes(),
    count: async (n, onItem) => {
      for await (const line of linesOf(await postNumber("/count", n))) onItem(valueOf(JSON.parse(line)))
    },
    pids: async () => {
      const { body } = await pool.request({ path: "/pid", method: "GET" })
      return [valueOf(await body.json())]
    },
    close: async () => {
      await pool.close()
      await server.close()
    },
  }
}

function valueOf(body: unknown): number {
  return (body as Body).value
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ""
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n")
    rest = lines.pop() ?? ""
    yield* lines
  }
}
