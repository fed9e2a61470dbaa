import { inspect } from "node:util"

/** The peer said something that the protocol does not allow. It ends the connection (PROTOCOL.md, FR-3). */
export class ProtocolViolation extends Error {
  override readonly name: string = "ProtocolViolation"
}

/** The worker speaks another version of the protocol (PROTOCOL.md, HS-5). */
export class ProtocolVersionMismatch extends ProtocolViolation {
  override readonly name = "ProtocolVersionMismatch"

  constructor(
    /** The version this library speaks. */
    readonly ours: number,
    /** The version the worker named. */
    readonly theirs: number,
  ) {
    super(
      `The worker speaks version ${theirs} of the protocol, this host version ${ours}. ` +
        "Install matching versions of the host's packages and the worker's bridge.",
    )
  }
}

/** A short text of what a peer sent, for messages. */
export function show(value: unknown): string {
  return inspect(value, {
    depth: 1,
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: 60,
    maxArrayLength: 5,
  })
}
