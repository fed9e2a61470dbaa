import { fileURLToPath } from "node:url"
import type { Adapter, Transport } from "@snakepit/core"
import { type PythonOptions, python } from "@snakepit/python-bridge"
import { grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"

/** How workers come to be. */
export const launches = ["spawn", "fork"] as const
export type Launch = (typeof launches)[number]

export const transports = { json, msgpack, grpc } satisfies Readonly<Record<string, () => Transport>>
export type TransportName = keyof typeof transports

/** Where the adapters of this suite lie; also the working directory of their workers. */
export const adapters = fileURLToPath(new URL("../python", import.meta.url))

/** An adapter of the folder `python`: `"storm:Storm"` is class `Storm` of `storm.py`. */
export function tools(name: string, options: PythonOptions = {}): Adapter {
  return python({ adapter: name, cwd: adapters, ...options })
}
