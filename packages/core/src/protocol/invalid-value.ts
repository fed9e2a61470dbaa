/** Where a value stands: the field of the frame, then keys and indices. */
export type Path = readonly (string | number)[]

/** A value that cannot travel (PROTOCOL.md, VA-8). Nothing was sent. */
export class InvalidValue extends Error {
  override readonly name = "InvalidValue"

  constructor(
    /** For instance `args.rows[3].when`. */
    readonly path: string,
    /** What is wrong with it; names the type. */
    readonly reason: string,
  ) {
    super(`${path}: ${reason}`)
  }
}

/** `["args", "rows", 3, "a b"]` as `args.rows[3]["a b"]`. */
export function formatPath(path: Path): string {
  let text = ""
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`
    else if (text === "") text = part
    else
      text += /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`
  }
  return text
}
