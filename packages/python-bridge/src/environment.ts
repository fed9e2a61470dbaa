import { InvalidConfig } from "@snakepit/core"

type Variables = Readonly<Record<string, string | undefined>>

/**
 * `inherit`: that of the host. `minimal`: of the host's variables only those that say where programs and temporary
 * files are, who the user is, and the language and time zone; so none of its secrets. An object: that of the host with
 * these added; `undefined` removes a variable.
 */
export type EnvironmentOption = "inherit" | "minimal" | Variables

/** What programs cannot do without; the second line is what Windows needs. */
const kept = new Set([
  ...["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TEMP", "TMP", "TZ", "LANG", "LANGUAGE"],
  ...["SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA"],
])

/** The environment that a worker gets, but for what the bridge adds. @param host the environment of this process. */
export function environmentFrom(option: EnvironmentOption = "inherit", host: Variables): Variables {
  if (option === "inherit") return { ...host }
  if (option === "minimal") return Object.fromEntries(Object.entries(host).filter(([name]) => isKept(name)))
  return { ...host, ...option }
}

// Windows writes its names in any case.
const isKept = (name: string): boolean => kept.has(name.toUpperCase()) || name.startsWith("LC_")

/** @throws {InvalidConfig} */
export function checkEnvironment(option: EnvironmentOption | undefined): void {
  if (option === undefined || option === "inherit" || option === "minimal") return
  if (typeof option === "object" && option !== null && !Array.isArray(option)) return
  // What was given may be a secret in the wrong place.
  throw new InvalidConfig({ message: 'env must be "inherit", "minimal" or an object', key: "env" })
}
