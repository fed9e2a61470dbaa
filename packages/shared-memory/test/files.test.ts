import { execFile } from "node:child_process"
import { readdirSync } from "node:fs"
import { promisify } from "node:util"
import { expect, test } from "vitest"
import { mebibyte, memory, openFiles } from "./support.js"

const path = (fd: number): string => `/proc/self/fd/${fd}`

test("what one side writes, the other reads in the same memory [SM-3]", () => {
  const file = memory().create(mebibyte)
  const mapping = memory().open(path(file.fd), mebibyte)
  file.bytes.set([1, 2, 3])
  const view = new Uint8Array(mapping.view(3))
  expect(view).toEqual(new Uint8Array([1, 2, 3]))
  file.bytes[1] = 9
  expect(view[1]).toBe(9)
  // Whoever has received it may write to it.
  view[0] = 7
  expect(file.bytes[0]).toBe(7)
  file.hide()
  expect([...new Uint8Array(mapping.view(2))]).toEqual([7, 9])
  file.close()
  expect([...view]).toEqual([7, 9, 3])
  mapping.close()
})

test("a view has the bytes that it was asked for", () => {
  const file = memory().create(mebibyte)
  const mapping = memory().open(path(file.fd), mebibyte)
  expect(mapping.view(5).byteLength).toBe(5)
  mapping.close()
  file.close()
})

test("a program may end while it has views", async () => {
  const program = `
    import { sharedMemory } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)}
    const file = sharedMemory().create(4096)
    globalThis.kept = new Uint8Array(sharedMemory().open("/proc/self/fd/" + file.fd, 4096).view(10))
    console.log(kept.length)`
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program])
  expect(stdout).toBe("10\n")
})

test("a file that is shorter than was said, or is not there, is not opened [SM-4]", () => {
  const before = readdirSync("/proc/self/fd").length
  const file = memory().create(4096)
  expect(() => memory().open(path(file.fd), 4097)).toThrow(/4096 bytes, less than 4097/)
  expect(() => memory().open(path(9999), 1)).toThrow(/ENOENT/)
  file.close()
  expect(() => memory().open(path(file.fd), 1)).toThrow(/ENOENT/)
  expect(() => memory().open("/dev/zero", 1)).toThrow("/dev/zero is no file in memory")
  expect(readdirSync("/proc/self/fd")).toHaveLength(before)
})

test("what the system does not give is an error that says so, and leaves nothing behind [SM-3]", () => {
  expect(() => memory().create(0)).toThrow("posix_fallocate: EINVAL (invalid argument)")
  expect(openFiles()).toEqual([])
})

test("files have no name in /dev/shm, and closing one twice is harmless where it was hidden", () => {
  const names = readdirSync("/dev/shm")
  const file = memory().create(mebibyte)
  expect(readdirSync("/dev/shm")).toEqual(names)
  expect(openFiles()).toHaveLength(1)
  file.hide()
  file.hide()
  expect(openFiles()).toEqual([])
  file.close()
})
