const maxNameBytes = 256

/** For messages: what the name of a variable, or the id of a program, must be. */
export const nameRule = `text of 1 to ${maxNameBytes} bytes of UTF-8`

export function isContentName(name: unknown): name is string {
  return (
    typeof name === "string" &&
    name !== "" &&
    Buffer.byteLength(name) <= maxNameBytes &&
    !/\p{Surrogate}/u.test(name)
  )
}
