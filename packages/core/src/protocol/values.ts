import type { Tensor } from "./tensor.js"

export { InvalidValue } from "./invalid-value.js"
export { type Dtype, dtypes, Tensor, type TensorData } from "./tensor.js"
export { ZonedDate } from "./zoned-date.js"

/** Everything that travels between TypeScript and a tool without loss (PROTOCOL.md, section 3). */
export type ToolValue =
  | null
  | boolean
  | string
  | number
  | bigint
  | Date
  | Uint8Array
  | Tensor
  | readonly ToolValue[]
  | { readonly [key: string]: ToolValue | undefined }
