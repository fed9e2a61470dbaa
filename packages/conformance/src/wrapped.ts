import type { Frame, Transport } from "@snakepit/core/transport"

/** What went over a transport, in order. */
export interface Traffic {
  readonly transport: Transport
  readonly sent: Frame[]
  readonly received: Frame[]
}

/** A transport that writes down what it carries. */
export function spied(inner: Transport): Traffic {
  const sent: Frame[] = []
  const received: Frame[] = []
  const listening = altered(inner, (frame) => {
    received.push(frame)
    return [frame]
  })
  const open: Transport["open"] = async (io) => {
    const channel = await listening.open(io)
    const send = channel.send.bind(channel)
    channel.send = (frame) => {
      const size = send(frame)
      sent.push(frame)
      return size
    }
    return channel
  }
  return { sent, received, transport: { ...inner, open } }
}

/** A transport on which the worker seems to say other things than it does. */
export function altered(inner: Transport, alter: (frame: Frame) => readonly Frame[]): Transport {
  return {
    ...inner,
    async open(io) {
      const channel = await inner.open(io)
      const onFrames = channel.onFrames.bind(channel)
      channel.onFrames = (handler) => onFrames((batch) => handler(batch.flatMap(alter)))
      return channel
    },
  }
}
