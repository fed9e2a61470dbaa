import { addExtension } from "msgpackr"

/**
 * Extension types (PROTOCOL.md, section 5). msgpackr has one table of them for a whole process: these numbers are
 * ones that hardly anybody else uses.
 */
export const extensionTypes = { bigint: 81, date: 82, tensor: 83, attached: 84, float: 85, list: 87 } as const

/** The standard's own type, −1 as one byte. msgpackr reads it only down to milliseconds. */
export const standardTimestamp = 0xff

/** In place of −1 where the bytes are read here; it never travels. */
export const exactTimestamp = 86

/** A value that MessagePack has no form of its own for. */
export class Extension {
  constructor(
    readonly type: number,
    /** May be a view on what was read. */
    readonly bytes: Buffer,
  ) {}
}

/** msgpackr tells by the class which type to write, so each type has its own. */
function define(type: number): new (bytes: Buffer) => Extension {
  const Class = class extends Extension {
    constructor(bytes: Buffer) {
      super(type, bytes)
    }
  }
  addExtension({
    Class,
    type,
    pack: ({ bytes }: Extension) => bytes,
    unpack: (bytes: Buffer) => new Class(bytes),
  })
  return Class
}

export const BigintExtension = define(extensionTypes.bigint)
export const DateExtension = define(extensionTypes.date)
export const TensorExtension = define(extensionTypes.tensor)
export const AttachedExtension = define(extensionTypes.attached)
export const FloatExtension = define(extensionTypes.float)
export const ListExtension = define(extensionTypes.list)
define(exactTimestamp)
