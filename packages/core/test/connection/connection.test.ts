import { describe, expect, test } from "vitest"
import { Connection, type ConnectionHandlers } from "../../src/connection/connection.js"
import type { IncomingCall } from "../../src/connection/incoming-call.js"
import type { Frame } from "../../src/protocol/frame.js"
import type { CloseReason, FrameChannel } from "../../src/transport/transport.js"

/** A connection whose peer is the test. */
function connect(handlers: Partial<ConnectionHandlers> = {}) {
  const sent: Frame[] = []
  const closings: CloseReason[] = []
  let receive: (batch: readonly Frame[]) => void = () => {}
  let closed: (reason: CloseReason) => void = () => {}
  const channel: FrameChannel = {
    writable: true,
    onWritable: () => {},
    onFrames: (handler) => {
      receive = handler
    },
    onClosed: (listener) => {
      closed = listener
    },
    send: (frame) => {
      sent.push(frame)
      return 100
    },
    close: () => closed({ kind: "closed" }),
  }
  const connection = new Connection(channel, {
    onCall: () => {},
    onClosed: (reason) => closings.push(reason),
    ...handlers,
  })
  return {
    connection,
    sent,
    closings,
    receive: (...batch: Frame[]) => receive(batch),
    lose: () => closed({ kind: "eof" }),
  }
}

function listener() {
  const heard: unknown[] = []
  return {
    heard,
    onResult: (value: unknown) => heard.push(value),
    onChunk: (chunk: { readonly value: unknown }) => heard.push(chunk.value),
    onError: (error: { readonly code: string }) => heard.push(error.code),
  }
}

describe("calls that are made", () => {
  test("[FR-1] get ids of their own; answers find their call in any order, others are dropped", () => {
    const { connection, receive } = connect()
    const [a, b] = [listener(), listener()]
    const first = connection.call({ tool: "a", args: {} }, a)
    const second = connection.call({ tool: "b", args: {} }, b)
    receive(
      { type: "result", id: second.id, value: "B" },
      { type: "result", id: first.id, value: "A" },
      { type: "result", id: first.id, value: "again" },
      { type: "error", id: 99, error: { code: "internal", type: "E", message: "whose?" } },
    )
    expect([a.heard, b.heard, connection.dropped]).toEqual([["A"], ["B"], 2])
    expect([...connection.unanswered()]).toEqual([])
  })

  test("[ST-1] a chunk out of turn is a breach of the protocol, which ends the connection", () => {
    const { connection, receive, closings } = connect()
    const heard = listener()
    const { id } = connection.call({ tool: "s", args: {}, stream: true }, heard)
    receive(
      { type: "chunk", id, seq: 0, value: 0 },
      { type: "chunk", id, seq: 2, value: 2 },
      { type: "chunk", id, seq: 1, value: 1 },
    )
    expect(heard.heard).toEqual([0])
    expect(closings).toEqual([{ kind: "protocol", message: `chunk 2 of call ${id} came where 1 was due` }])
    expect([...connection.unanswered()].map((call) => call.id)).toEqual([id])
  })

  test("[CR-3] credit is granted by halves of the initial credit, for what was consumed", () => {
    const { connection, sent, receive } = connect()
    const call = connection.call({ tool: "s", args: {}, stream: true, credit: 4 }, listener())
    const chunk = { type: "chunk", id: call.id, seq: 0, value: 0, size: 10 } as const
    receive(chunk)
    connection.consumed(call, chunk)
    expect(sent.filter(({ type }) => type === "credit")).toEqual([])
    connection.consumed(call, chunk)
    connection.consumed(call, { ...chunk, size: 3 * 4096 })
    expect(sent.filter(({ type }) => type === "credit")).toEqual([
      { type: "credit", id: call.id, n: 2 },
      { type: "credit", id: call.id, n: 3 },
    ])
  })

  test("a call that could not be sent leaves nothing behind", () => {
    const { connection, sent } = connect()
    const send = sent.push.bind(sent)
    sent.push = () => {
      throw new Error("cannot be sent")
    }
    expect(() => connection.call({ tool: "a", args: {} }, listener())).toThrow("cannot be sent")
    sent.push = send
    expect([...connection.unanswered()]).toEqual([])
  })

  test("cancels and recalls are sent for open calls only, recalls once", () => {
    const { connection, sent, receive } = connect()
    const call = connection.call({ tool: "a", args: {} }, listener())
    connection.recall(call)
    connection.recall(call)
    connection.cancel(call, "enough")
    receive({ type: "result", id: call.id, value: 1 })
    connection.recall(call)
    connection.cancel(call, "too late")
    expect(sent.slice(1)).toEqual([
      { type: "cancel", id: call.id, recall: true },
      { type: "cancel", id: call.id, reason: "enough" },
    ])
  })
})

describe("calls that are received", () => {
  function received() {
    const calls: IncomingCall[] = []
    const peer = connect({ onCall: (call) => calls.push(call) })
    const take = (id: number): IncomingCall => {
      peer.receive({ type: "call", id, tool: "t", args: {} })
      const call = calls.at(-1)
      if (call === undefined) throw new Error("no call arrived")
      return call
    }
    return { ...peer, take }
  }

  test("[CA-1] are answered once, whatever is said afterwards", () => {
    const { sent, take } = received()
    const call = take(7)
    call.begin()
    call.result("first")
    call.result("second")
    call.error({ code: "internal", type: "E", message: "third" })
    expect(sent).toEqual([{ type: "result", id: 7, value: "first" }])
  })

  test("[CN-3] [CN-4] may be taken back until they begin", () => {
    const { sent, take, receive } = received()
    const [waiting, running] = [take(1), take(2)]
    running.begin()
    receive({ type: "cancel", id: 1, recall: true }, { type: "cancel", id: 2, recall: true })
    expect(waiting.begin()).toBe(false)
    expect(running.signal.aborted).toBe(false)
    expect(sent).toEqual([
      expect.objectContaining({
        type: "error",
        id: 1,
        error: expect.objectContaining({ code: "not_started" }),
      }),
    ])
  })

  test("are aborted when the connection is lost", () => {
    const { take, lose } = received()
    const call = take(1)
    call.begin()
    lose()
    expect(call.signal.aborted).toBe(true)
  })

  test("with an id that is open already are a breach of the protocol", () => {
    const { take, receive, closings } = received()
    take(1)
    receive({ type: "call", id: 1, tool: "t", args: {} })
    expect(closings).toEqual([{ kind: "protocol", message: "call id 1 was used twice" }])
  })
})

test("[LV-1] a ping resolves at its pong, and when the connection is lost", async () => {
  const { connection, sent, receive, lose } = connect()
  const answered = connection.ping()
  const lost = connection.ping()
  expect(sent).toEqual([
    { type: "ping", nonce: 1 },
    { type: "ping", nonce: 2 },
  ])
  receive({ type: "pong", nonce: 1 })
  await answered
  lose()
  await lost
  receive({ type: "pong", nonce: 2 })
})
