import type { Meta } from "../protocol/frame.js"

/** What a streaming tool yields when a bare value does not say enough. */
export class StreamChunk {
  /** Ends the stream: nothing after it is sent. Default false. */
  readonly isFinal: boolean
  /** Travels beside the data. */
  readonly metadata: Meta

  constructor(
    readonly data: unknown,
    options: { readonly isFinal?: boolean; readonly metadata?: Meta } = {},
  ) {
    this.isFinal = options.isFinal ?? false
    this.metadata = options.metadata ?? {}
  }
}
