import { type Snakepit, Tensor } from "@snakepit/core"
import type { Session } from "../contestant.js"

/** What a contestant's calls are made of. */
export type Calls = Pick<Session, "echo" | "echoBytes" | "count">

const columns = 125
const bytesOfFloat64 = 8

export function plainCalls(pit: Pick<Snakepit, "execute" | "stream">): Calls {
  return {
    echo: (value) => pit.execute<number>("echo", { value }),
    echoBytes: (data) => pit.execute<Uint8Array>("echo", { value: data }),
    count: async (n, onItem) => {
      for await (const chunk of pit.stream<number>("count", { n })) {
        if (!chunk.isFinal) onItem(chunk.data)
      }
    },
  }
}

/** The same calls, all of one session. */
export const sessionCalls = (pit: Snakepit): Calls => plainCalls(pit.session())

/** Bytes travel as a matrix of float64 with 125 columns, which is an `ndarray` in Python. */
export function tensorCalls(pit: Snakepit): Calls {
  return {
    ...plainCalls(pit),
    echoBytes: async (data) => {
      const rows = data.length / (columns * bytesOfFloat64)
      const value = Tensor.fromBytes("float64", [rows, columns], data)
      return (await pit.execute<Tensor>("echo_array", { value })).bytes
    },
  }
}

const stride = 1_000
const pauseMs = 1

/** A stream's consumer rests after every thousand chunks for at least a millisecond. */
export function restingCalls(pit: Snakepit): Calls {
  return {
    ...plainCalls(pit),
    count: async (n, onItem) => {
      for await (const chunk of pit.stream<number>("count", { n })) {
        if (chunk.isFinal) continue
        onItem(chunk.data)
        if (chunk.data % stride === 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
      }
    },
  }
}
