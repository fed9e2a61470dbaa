import type { Contestant } from "../contestant.js"
import { fastapi } from "./fastapi.js"
import { grpcUnary } from "./grpc-unary.js"
import { pythonShell } from "./python-shell.js"
import { pythonia } from "./pythonia.js"
import { rawPipe } from "./raw-pipe.js"
import { snakepitGrpc, snakepitJson, snakepitMsgpack, snakepitStdlib } from "./snakepit.js"

/** Snakepit over each of its transports, at its best. */
export const transports: readonly Contestant[] = [snakepitMsgpack, snakepitJson, snakepitGrpc]

/** Other libraries that carry bytes as bytes. */
export const binaryPeers: readonly Contestant[] = [fastapi, grpcUnary]

/** Other libraries that know only text. */
export const textPeers: readonly Contestant[] = [pythonShell, pythonia]

export const everyone: readonly Contestant[] = [
  ...transports,
  snakepitStdlib,
  rawPipe,
  ...binaryPeers,
  ...textPeers,
]
