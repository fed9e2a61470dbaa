import {
  type SnakepitContestant,
  snakepitGrpc,
  snakepitJson,
  snakepitMsgpack,
} from "../contestants/snakepit.js"
import { callers } from "./callers.js"
import type { Dimension } from "./dimension.js"
import { payload } from "./payload.js"
import { queue } from "./queue.js"
import { sessions } from "./sessions.js"
import { workers } from "./workers.js"

/** Everything that grows, in the order it is measured. */
export const dimensions: readonly Dimension[] = [workers, callers, sessions, payload, queue]

/** The transports whose lines are drawn. How cost grows is nearly the same for all, so one tells most. */
export const lines = (quick: boolean): readonly SnakepitContestant[] =>
  quick ? [snakepitJson] : [snakepitJson, snakepitMsgpack, snakepitGrpc]
