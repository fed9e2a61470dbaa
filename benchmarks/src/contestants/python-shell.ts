import { once } from "node:events"
import { PythonShell } from "python-shell"
import { type Contestant, openEach, type Session } from "../contestant.js"
import { helper } from "../python.js"
import { AnswerQueue } from "./answer-queue.js"
import { fromBase64, toBase64 } from "./base64.js"

/** https://github.com/extrabacon/python-shell in its JSON mode: lines on stdin and stdout, answers in order. */
export const pythonShell: Contestant = {
  name: "python-shell",
  open: ({ python, workers }) => openEach(workers, () => openOne(python)),
}

type Request = { echo: number | string } | { count: number } | { pid: true }

async function openOne(python: string): Promise<Session> {
  const shell = new PythonShell(helper("shell_worker.py"), { mode: "json", pythonPath: python })
  const closed = once(shell, "close")
  const answers = new AnswerQueue<{ value: unknown }>()
  shell.on("message", (message: { value: unknown }) => answers.accept(message))
  shell.on("pythonError", (error) => answers.fail(error))
  shell.on("error", (error) => answers.fail(error))
  shell.on("close", () => answers.fail(new Error("the python-shell worker is gone")))

  const ask = async (request: Request): Promise<unknown> => {
    shell.send(request)
    return (await answers.one()).value
  }
  return {
    echo: async (value) => Number(await ask({ echo: value })),
    echoBytes: async (data) => fromBase64(String(await ask({ echo: toBase64(data) }))),
    count: (n, onItem) => {
      shell.send({ count: n })
      return answers.many(n, ({ value }) => onItem(Number(value)))
    },
    pids: async () => [Number(await ask({ pid: true }))],
    close: async () => {
      shell.end(() => {})
      await closed
    },
  }
}
