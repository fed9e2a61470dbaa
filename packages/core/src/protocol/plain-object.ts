/** Object literals and the like, of any realm; not instances of classes. */
export function isPlainObject(value: object): value is { readonly [key: string]: unknown } {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null
}

/** The name of a value's class, for messages. */
export function className(value: object): string {
  const maker: unknown = value.constructor
  if (typeof maker === "function" && maker.name !== "") return maker.name
  return Object.prototype.toString.call(value).slice(8, -1)
}
