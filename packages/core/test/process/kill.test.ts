import { describe, expect, test } from "vitest"
import { escapes, gone, isAlive, lineReader, pidOf, python, start, strayPid } from "./helpers.js"

/** Waits on its lifeline, which never says anything, after it has said that it is ready. */
const ready = `
import os, signal
def wait():
    os.write(3, b"ready\\n")
    while os.read(4, 1): pass
`

const stubborn = `${ready}
signal.signal(signal.SIGTERM, signal.SIG_IGN)
wait()
`

const polite = `${ready}
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
wait()
`

const withChild = `${ready}
child = os.fork()
if child == 0:
    while True: signal.pause()
os.write(3, b"%d\\n" % child)
`

describe("ending a worker", () => {
  test("by SIGTERM, when it obeys", async () => {
    const { worker } = await start(python(polite))
    await lineReader(worker.channel)()
    expect(await worker.terminate(60_000)).toEqual({ code: 0, signal: null })
    expect(worker.exitInfo).toEqual({ code: 0, signal: null })
  })

  test("P17 by SIGKILL after the grace, when it ignores SIGTERM", async () => {
    const { worker } = await start(python(stubborn))
    await lineReader(worker.channel)()
    expect(await worker.terminate(50)).toEqual({ code: null, signal: "SIGKILL" })
  })

  test("P2 by SIGKILL after the grace, when it is stopped", async () => {
    const { worker } = await start(python(polite))
    await lineReader(worker.channel)()
    process.kill(pidOf(worker), "SIGSTOP")
    expect(await worker.terminate(50)).toEqual({ code: null, signal: "SIGKILL" })
  })

  test("H10 the shortest of several graces counts", async () => {
    const { worker } = await start(python(stubborn))
    await lineReader(worker.channel)()
    const ends = [worker.terminate(Number.POSITIVE_INFINITY), worker.terminate(50), worker.terminate(60_000)]
    expect(await Promise.all(ends)).toEqual(Array(3).fill({ code: null, signal: "SIGKILL" }))
  })

  test("H10 concurrent calls send one SIGTERM", async () => {
    const script = `${ready}
count = 0
def on_term(*_):
    global count
    count += 1
    os.write(3, b"term %d\\n" % count)
signal.signal(signal.SIGTERM, on_term)
wait()
`
    const { worker } = await start(python(script))
    const next = lineReader(worker.channel)
    await next()
    const first = worker.terminate(60_000)
    expect(await next()).toBe("term 1")
    void worker.terminate(60_000)
    process.kill(pidOf(worker), "SIGTERM")
    expect(await next()).toBe("term 2")
    worker.kill()
    expect(await first).toEqual({ code: null, signal: "SIGKILL" })
  })

  test("H10 again when it has ended does nothing", async () => {
    const { worker } = await start(python("import os; os._exit(7)"))
    await worker.exited
    worker.kill()
    expect(await worker.terminate(0)).toEqual({ code: 7, signal: null })
  })
})

describe("a worker's children", () => {
  test("P13 are killed with it", async () => {
    const { worker } = await start(python(`${withChild}\nwait()`))
    const child = strayPid(await lineReader(worker.channel)())
    expect(isAlive(child)).toBe(true)
    worker.kill()
    await worker.exited
    await gone(child)
  })

  test("P13 are killed when it ends by itself", async () => {
    const { worker } = await start(python(`${withChild}\nos._exit(0)`))
    const child = strayPid(await lineReader(worker.channel)())
    expect(await worker.exited).toEqual({ code: 0, signal: null })
    await gone(child)
  })

  test("P12 do not delay the exit by holding stdout, and the output still ends", async () => {
    const { worker } = await start(python(escapes))
    const escaped = strayPid(await lineReader(worker.channel)())
    expect(await worker.exited).toEqual({ code: 0, signal: null })
    expect(isAlive(escaped)).toBe(true)
    await worker.drained
    await gone(escaped)
  })
})
