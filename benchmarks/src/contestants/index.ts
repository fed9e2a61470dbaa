import type { Contestant } from "../contestant.js"
import { restingCalls, sessionCalls, tensorCalls } from "./calls.js"
import { fastapi } from "./fastapi.js"
import { grpcUnary } from "./grpc-unary.js"
import { pythonShell } from "./python-shell.js"
import { pythonia } from "./pythonia.js"
import { rawPipe } from "./raw-pipe.js"
import {
  calling,
  type SnakepitContestant,
  snakepitGrpc,
  snakepitJson,
  snakepitMsgpack,
  snakepitShared,
  snakepitStdlib,
} from "./snakepit.js"

/** Snakepit over each of its transports, at its best. */
export const transports: readonly SnakepitContestant[] = [snakepitMsgpack, snakepitJson, snakepitGrpc]

/** They send NumPy arrays in place of bytes. */
export const tensorTransports: readonly Contestant[] = transports.map((each) =>
  calling(each, tensorCalls, { needs: ["numpy"] }),
)

/** Where memory is shared: it carries only what is large. */
export const sharing: readonly Contestant[] = [snakepitShared]

/** The same with NumPy arrays. */
export const sharingTensors: readonly Contestant[] = [
  calling(snakepitShared, tensorCalls, { needs: ["numpy"] }),
]

/** They consume streams slowly. */
export const restingTransports: readonly Contestant[] = transports.map((each) => calling(each, restingCalls))

/** Every call belongs to one session. */
export const snakepitSession: Contestant = calling(snakepitJson, sessionCalls, { name: "snakepit-session" })

/** Other libraries that carry bytes as bytes. */
export const binaryPeers: readonly Contestant[] = [fastapi, grpcUnary]

/** Other libraries that know only text. */
export const textPeers: readonly Contestant[] = [pythonShell, pythonia]

export const everyone: readonly Contestant[] = [
  ...transports,
  snakepitStdlib,
  snakepitShared,
  rawPipe,
  ...binaryPeers,
  ...textPeers,
]
