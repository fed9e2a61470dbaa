import { spawn } from "node:child_process"
import { constants } from "node:os"
import { Stop } from "./log.mjs"
import { cache, root } from "./paths.mjs"

/** Tools must neither phone home, nor leave a daemon, nor write outside the clone and the package caches. */
const quiet = {
  DO_NOT_TRACK: "1",
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
  TURBO_CONFIG_DIR_PATH: `${cache}/turbo`,
  npm_config_update_notifier: "false",
  npm_config_audit: "false",
  npm_config_fund: "false",
  PIP_DISABLE_PIP_VERSION_CHECK: "1",
  PIP_NO_INPUT: "1",
}

/**
 * Runs a command without a shell and without standard input.
 * @param options `cwd` (default: the clone), `env` (added; `undefined` removes), `capture` (keep the output
 *   instead of showing it), `timeout` (ms; then the command and its process group are killed)
 * @returns `{ code, output }`; a missing program is code 127, a signal 128 + its number.
 */
export function run(command, args, { cwd = root, env = {}, capture = false, timeout } = {}) {
  return new Promise((resolve) => {
    const output = capture ? "pipe" : "inherit"
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...quiet, ...env },
      stdio: ["ignore", output, output],
      detached: timeout !== undefined,
    })
    const release = guard(child, timeout)
    const collected = collect(child)
    const settle = (code) => {
      release()
      resolve({ code, output: collected() })
    }
    child.on("error", (error) => settle(error.code === "ENOENT" ? 127 : 126))
    child.on("close", (code, signal) => settle(code ?? 128 + (constants.signals[signal] ?? 0)))
  })
}

/** Like `run`, but a failure stops the script; with `capture`, the output is shown then. */
export async function must(command, args, options = {}) {
  const { code, output } = await run(command, args, options)
  if (code !== 0) throw new Stop(`${output}\`${[command, ...args].join(" ")}\` ended with exit code ${code}`)
  return output
}

function collect(child) {
  let text = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (data) => {
      text += data
    })
  }
  return () => text
}

/** Passes signals on, since a plain `kill` of this process would orphan the child, and ends what takes too long. */
function guard(child, timeout) {
  const kill = (signal) => {
    if (child.pid === undefined) return
    try {
      process.kill(timeout === undefined ? child.pid : -child.pid, signal)
    } catch (error) {
      if (error.code !== "ESRCH") throw error
    }
  }
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"]
  for (const signal of signals) process.on(signal, kill)
  const timer = timeout === undefined ? undefined : setTimeout(kill, timeout, "SIGKILL")
  return () => {
    clearTimeout(timer)
    for (const signal of signals) process.off(signal, kill)
  }
}
