import { createRequire } from "node:module"
import { getSystemErrorMap } from "node:util"

/** An address in this process. */
export type Pointer = bigint

/** What the C library does for files in memory. Each throws an `Error` that names the call and why it failed. */
export interface System {
  memfdCreate(): number
  fallocate(fd: number, bytes: number): void
  map(fd: number, bytes: number): Pointer
  unmap(at: Pointer, bytes: number): void
  /** A buffer on memory, not copied. */
  view(at: Pointer, bytes: number): ArrayBuffer
}

type Koffi = typeof import("koffi")

const cloexec = 1
const readWrite = 1 | 2
const shared = 1
const failed = 2n ** 64n - 1n
const fileName = "snakepit"

/** Loaded at the first use: other systems have no such binary, and need none. */
export function loadSystem(): System | undefined {
  if (process.platform !== "linux") return undefined
  try {
    const koffi: Koffi = createRequire(import.meta.url)("koffi")
    return systemOf(koffi)
  } catch {
    return undefined
  }
}

function systemOf(koffi: Koffi): System {
  const library = koffi.load(null)
  const memfdCreate = library.func("int memfd_create(const char *name, unsigned int flags)")
  const fallocate = library.func("int posix_fallocate(int fd, int64_t offset, int64_t length)")
  const map = library.func(
    "void *mmap(void *at, size_t length, int access, int flags, int fd, int64_t offset)",
  )
  const unmap = library.func("int munmap(void *at, size_t length)")
  return {
    memfdCreate() {
      const fd: number = memfdCreate(fileName, cloexec)
      return fd < 0 ? fail("memfd_create", koffi.errno()) : fd
    },
    fallocate(fd, bytes) {
      // It returns what others leave in errno.
      const error: number = fallocate(fd, 0, bytes)
      if (error !== 0) fail("posix_fallocate", error)
    },
    map(fd, bytes) {
      const at: Pointer | null = map(null, bytes, readWrite, shared, fd, 0)
      return at === null || at === failed ? fail("mmap", koffi.errno()) : at
    },
    unmap(at, bytes) {
      if (unmap(at, bytes) !== 0) fail("munmap", koffi.errno())
    },
    view: (at, bytes) => koffi.view(at, bytes),
  }
}

function fail(call: string, errno: number): never {
  const [name = `errno ${errno}`, message = ""] = getSystemErrorMap().get(-errno) ?? []
  throw new Error(`${call}: ${name}${message === "" ? "" : ` (${message})`}`)
}
