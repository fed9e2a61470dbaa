import { type Dispatcher, Pool } from "undici"
import { type Contestant, openEach, type Session } from "../contestant.js"
import { startServer } from "./server-process.js"

/** As many as calls are made at once, so that none waits for another's connection. */
const connections = 64

/** https://fastapi.tiangolo.com behind uvicorn, called by undici over connections that stay open. */
export const fastapi: Contestant = {
  name: "fastapi",
  needs: ["fastapi", "uvicorn", "uvloop", "httptools"],
  open: ({ python, workers }) => openEach(workers, () => openOne(python)),
}

async function openOne(python: string): Promise<Session> {
  const server = await startServer(python, "fastapi_server.py")
  const http = new HttpClient(`http://${server.address}`)
  return {
    echo: async (value) => readNumber(await (await http.postNumber("/echo", value)).json()),
    echoBytes: async (data) => (await http.post("/bytes", "application/octet-stream", data)).bytes(),
    count: async (n, onItem) => {
      const lines = new LineSplitter((line) => onItem(readNumber(JSON.parse(line))))
      for await (const bytes of await http.postNumber("/count", n)) lines.push(bytes)
    },
    pids: async () => [readNumber(await (await http.request({ path: "/pid", method: "GET" })).json())],
    close: async () => {
      await http.close()
      await server.close()
    },
  }
}

class HttpClient {
  readonly #pool: Pool

  constructor(origin: string) {
    this.#pool = new Pool(origin, { connections })
  }

  postNumber(path: string, value: number): Promise<Dispatcher.ResponseData["body"]> {
    return this.post(path, "application/json", JSON.stringify({ value }))
  }

  post(path: string, type: string, body: string | Uint8Array): Promise<Dispatcher.ResponseData["body"]> {
    return this.request({ path, method: "POST", body, headers: { "content-type": type } })
  }

  async request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData["body"]> {
    const { statusCode, body } = await this.#pool.request(options)
    if (statusCode !== 200) throw new Error(`${options.path} answered with status ${statusCode}`)
    return body
  }

  close(): Promise<void> {
    return this.#pool.close()
  }
}

function readNumber(body: unknown): number {
  if (typeof body === "object" && body !== null && "value" in body) return Number(body.value)
  throw new Error("an answer of FastAPI holds no value")
}

class LineSplitter {
  readonly #decoder = new TextDecoder()
  #rest = ""

  constructor(readonly onLine: (line: string) => void) {}

  push(bytes: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n")
    this.#rest = lines.pop() ?? ""
    for (const line of lines) this.onLine(line)
  }
}
