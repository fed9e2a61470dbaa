import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { runtimeDirectory } from "./private-directory.js"
import { isAlive } from "./process-table.js"
import { pidNamespace } from "./registry/identity.js"

/** How many folders are looked at, so that it never takes long. */
const maxFolders = 256

/**
 * A new private folder of this process. Its owner removes it; those of processes that were killed before they could
 * do so are removed here.
 *
 * @param kind what its name begins with.
 * @throws {Error} when there is no private place for it.
 */
export function hostFolder(kind: string): string {
  const home = runtimeDirectory()
  const prefix = `${kind}-${pidNamespace().replace(/\D/g, "")}-`
  for (const name of abandoned(home, prefix)) rmSync(join(home, name), { recursive: true, force: true })
  return mkdtempSync(join(home, `${prefix}${process.pid}-`))
}

function abandoned(home: string, prefix: string): string[] {
  const names = readdirSync(home).filter((name) => name.startsWith(prefix))
  return names.slice(0, maxFolders).filter((name) => {
    const pid = Number(name.slice(prefix.length).split("-")[0])
    return pid > 0 && !isAlive(pid)
  })
}
