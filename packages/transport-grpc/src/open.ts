import type { Duplex } from "node:stream"
import { ProtocolViolation, type WorkerIo } from "@snakepit/core/transport"
import { parseAddress } from "./address.js"
import { firstLine } from "./first-line.js"
import { Worker } from "./gen/snakepit/v1/worker_pb.js"
import { Ledger } from "./ledger.js"
import type { Settings } from "./options.js"
import { Requests } from "./requests.js"
import type { Rpc } from "./rpc-stream.js"
import { createSession, type Session } from "./session.js"

/**
 * Opens the RPC that carries a worker's frames.
 * @throws {ProtocolViolation} when the worker did not say where it is, or what lets the host in.
 * @throws {Error} that names the address, when the worker cannot be reached there, refuses, or takes too long.
 * @throws the signal's reason when the start was given up.
 */
export async function openRpc({ stream, hello, signal }: WorkerIo, settings: Settings): Promise<Rpc> {
  signal.throwIfAborted()
  if (hello.address === null) throw new ProtocolViolation("the worker took gRPC, but named no address")
  if (hello.token === null) throw new ProtocolViolation("the worker took gRPC, but named no token")
  const { token } = hello
  const address = parseAddress(hello.address)
  const session = createSession(address, settings)
  const ending = new AbortController()
  const requests = new Requests()
  const close = (): void => {
    ending.abort()
    session.close()
  }
  try {
    const left = new Promise<void>((resolve) => stream.once("end", resolve).once("close", resolve))
    const opening = openLedger(stream).then((ledger) =>
      call(session, requests, token, ending.signal).then(
        (responses) => ({ ledger, responses }),
        (error: unknown) => {
          ledger.close()
          throw error
        },
      ),
    )
    const { ledger, responses } = await bounded(opening, settings.connectTimeout, signal)
    const closeAll = (): void => {
      close()
      ledger.close()
      stream.destroy()
    }
    return { requests, responses, ledger, left, close: closeAll }
  } catch (error) {
    close()
    if (signal.aborted) throw signal.reason
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`gRPC at ${address.text} could not be opened: ${reason}`)
  }
}

/** Must be open before the worker lets the host in, and takes its folder away. */
async function openLedger(stream: Duplex): Promise<Ledger> {
  const path: unknown = JSON.parse(await firstLine(stream))
  if (typeof path !== "string") throw new ProtocolViolation("the worker did not name its ledger")
  return new Ledger(path)
}

/** Resolves once the worker has answered with its headers. */
async function call(session: Session, requests: Requests, token: string, signal: AbortSignal) {
  const headers = new Headers({ authorization: `Bearer ${token}` })
  const { message } = await session.transport.stream(
    Worker.method.channel,
    signal,
    undefined,
    headers,
    requests,
  )
  return message
}

function bounded<T>(work: Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = new Error(`no answer after ${ms} ms (connectTimeout)`)
    const timer = setTimeout(() => reject(late), ms).unref()
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener("abort", onAbort, { once: true })
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal.removeEventListener("abort", onAbort)
    })
  })
}
