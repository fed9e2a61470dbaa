import { randomBytes, timingSafeEqual } from "node:crypto"
import { once } from "node:events"
import { existsSync, rmSync } from "node:fs"
import { createServer, type Server, type Socket } from "node:net"
import { join } from "node:path"
import { atExit } from "../at-exit.js"
import { FloodGate } from "../flood-gate.js"
import { hostFolder } from "../host-folder.js"
import { firstLine } from "./first-line.js"

const roles = ["channel", "lifeline", "stdout", "stderr"] as const
type Role = (typeof roles)[number]

/** The connections of one worker. */
export type Connections = Readonly<Record<Role, Socket>>

/** Refusals that are told in a second. */
const maxRefusals = 10
/** Connections that have not said who they are, beside those that are expected. */
const maxStrangers = 16
/** What every system allows as the name of a socket. */
const maxPathBytes = 103

/** A worker that has not connected yet. */
export interface Expected {
  /** Lets it in, once in each role. */
  readonly token: string
  /** Settles when all of them are there; never rejects. */
  readonly connections: Promise<Connections>
  /** It is not wanted any more: what has come is closed, and nothing more is let in. */
  forget(): void
}

/** A socket in a folder that only this user may enter. Workers connect there, and nobody is let in without a token. */
export class Doorway {
  #folder = ""
  #server: Server | undefined
  #unhook: () => void = () => {}
  #opening: Promise<void> | undefined
  #closed = false
  readonly #expected = new Map<string, Arrival>()
  readonly #onRefused: (reason: string) => void
  readonly #refusals: FloodGate
  /** Who has connected and not yet said who it is, in the order they came. */
  readonly #strangers = new Set<Socket>()
  #lastId = 0

  /**
   * @param onRefused gets, as a sentence, why a connection was closed. Must not throw.
   * @throws {Error} when there is no private place for the socket.
   */
  static async open(onRefused: (reason: string) => void): Promise<Doorway> {
    const doorway = new Doorway(onRefused)
    await doorway.reopen()
    return doorway
  }

  private constructor(onRefused: (reason: string) => void) {
    this.#onRefused = onRefused
    this.#refusals = new FloodGate(maxRefusals, (count) =>
      onRefused(`${count} more connections were refused.`),
    )
  }

  get path(): string {
    return join(this.#folder, "door")
  }

  /** Whether workers find it: whoever cleans up old files may have removed it. */
  get isThere(): boolean {
    return this.#folder !== "" && existsSync(this.path)
  }

  /**
   * Makes another socket, in another folder, when there is none any more. Who has come stays, and tokens stay valid.
   *
   * @throws {Error} as `open` does.
   */
  async reopen(): Promise<void> {
    if (this.#closed || this.isThere) return
    this.#opening ??= this.#listen().finally(() => {
      this.#opening = undefined
    })
    await this.#opening
  }

  expect(): Expected {
    this.#lastId += 1
    const id = String(this.#lastId)
    const secret = randomBytes(32).toString("base64url")
    let complete: (connections: Connections) => void = () => {}
    const connections = new Promise<Connections>((resolve) => {
      complete = resolve
    })
    const arrival = new Arrival(Buffer.from(secret), (all) => {
      this.#expected.delete(id)
      complete(all)
    })
    this.#expected.set(id, arrival)
    const forget = (): void => {
      if (this.#expected.delete(id)) arrival.close()
    }
    return { token: `${id}.${secret}`, connections, forget }
  }

  /** Removes the socket and its folder. Safe to repeat. */
  close(): void {
    this.#closed = true
    this.#refusals.end()
    this.#remove()
    for (const arrival of this.#expected.values()) arrival.close()
    this.#expected.clear()
  }

  async #listen(): Promise<void> {
    this.#remove()
    const folder = hostFolder("fork")
    const server = createServer((socket) => void this.#meet(socket))
    this.#folder = folder
    this.#server = server
    this.#unhook = atExit(() => rmSync(folder, { recursive: true, force: true }))
    try {
      if (Buffer.byteLength(this.path) > maxPathBytes)
        throw new Error(`${this.path} is too long for the name of a socket (${maxPathBytes} bytes)`)
      // A thousand workers may come at the same time.
      server.listen({ path: this.path, backlog: 4096 }).unref()
      await once(server, "listening")
      server.on("error", (error) => this.#onRefused(`${error.message}.`))
    } catch (error) {
      this.#remove()
      throw error
    }
  }

  #remove(): void {
    this.#server?.close()
    this.#unhook()
    if (this.#folder !== "") rmSync(this.#folder, { recursive: true, force: true })
  }

  async #meet(socket: Socket): Promise<void> {
    socket.unref()
    socket.on("error", () => {})
    this.#strangers.add(socket)
    this.#limitStrangers()
    const line = await firstLine(socket)
    this.#strangers.delete(socket)
    const problem = line === undefined ? "it did not say who it is" : this.#admit(line, socket)
    if (problem !== undefined) this.#refuse(socket, problem)
  }

  /** A worker says at once who it is, so it is never the one that has waited longest. */
  #limitStrangers(): void {
    const [oldest] = this.#strangers
    if (this.#strangers.size > maxStrangers + roles.length * this.#expected.size) oldest?.destroy()
  }

  /** @returns why not. */
  #admit(line: string, socket: Socket): string | undefined {
    const { token, role } = parse(line)
    const [id = "", secret = ""] = token.split(".")
    const arrival = this.#expected.get(id)
    if (arrival === undefined || !arrival.knows(secret)) return "its token is not valid, or no longer"
    return arrival.take(role, socket) ? undefined : "its token was used already"
  }

  #refuse(socket: Socket, reason: string): void {
    socket.destroy()
    if (this.#refusals.admit(performance.now()))
      this.#onRefused(`A connection to the socket for forked workers was refused: ${reason}.`)
  }
}

/** The connections that have come of one worker. */
class Arrival {
  readonly #secret: Buffer
  readonly #onComplete: (connections: Connections) => void
  readonly #taken: Partial<Record<Role, Socket>> = {}

  constructor(secret: Buffer, onComplete: (connections: Connections) => void) {
    this.#secret = secret
    this.#onComplete = onComplete
  }

  knows(secret: string): boolean {
    const given = Buffer.from(secret)
    return given.length === this.#secret.length && timingSafeEqual(given, this.#secret)
  }

  /** Whether the role was free. */
  take(role: string, socket: Socket): boolean {
    const known = roles.find((candidate) => candidate === role)
    if (known === undefined || this.#taken[known] !== undefined) return false
    this.#taken[known] = socket
    // The worker may arm its lifeline now: nothing more is read there.
    if (known === "lifeline") socket.write("\n")
    const { channel, lifeline, stdout, stderr } = this.#taken
    if (channel && lifeline && stdout && stderr) this.#onComplete({ channel, lifeline, stdout, stderr })
    return true
  }

  close(): void {
    for (const socket of Object.values(this.#taken)) socket.destroy()
  }
}

function parse(line: string): { readonly token: string; readonly role: string } {
  try {
    const { token, role }: { token?: unknown; role?: unknown } = Object(JSON.parse(line))
    return { token: String(token), role: String(role) }
  } catch {
    return { token: "", role: "" }
  }
}
