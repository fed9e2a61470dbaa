const hooks = new Set<() => void>()

function runAll(): void {
  for (const hook of hooks) hook()
}

/**
 * Runs `hook` when this process exits: at its end, by `process.exit` or by an exception nobody caught. However many
 * hooks there are, the process gets one listener, and only while there are any.
 *
 * @returns takes it back.
 */
export function atExit(hook: () => void): () => void {
  if (hooks.size === 0) process.on("exit", runAll)
  hooks.add(hook)
  return () => {
    hooks.delete(hook)
    if (hooks.size === 0) process.off("exit", runAll)
  }
}
