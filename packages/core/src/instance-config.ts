import { checkKeys, type KnownKeys, mustBe } from "./config-checks.js"

/** Whose workers these are. A start ends what an instance of the same name and token left behind when it was killed. */
export interface InstanceConfig {
  /** Default `default`. */
  readonly name?: string
  /** Keeps programs apart that happen to have one name. Never written down as it is. Default: none. */
  readonly token?: string
  /** Where running workers are written down. Default: a private folder below that of the system for such files. */
  readonly directory?: string
}

export interface ResolvedInstance {
  readonly name: string
  readonly token: string
  readonly directory: string | undefined
}

const instanceKeys: KnownKeys<InstanceConfig> = { name: true, token: true, directory: true }

/** Fills in defaults. @throws {InvalidConfig} naming the key that is wrong. */
export function resolveInstance(config: InstanceConfig): ResolvedInstance {
  checkKeys(config, instanceKeys, "instance")
  const { name = "default", token = "", directory } = config
  if (typeof name !== "string" || !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(name))
    throw mustBe("instance.name", "up to 64 letters, digits, _ . or -", name)
  // What is wrong with a secret is said without it.
  if (typeof token !== "string") throw mustBe("instance.token", "a string", typeof token)
  if (directory !== undefined && (typeof directory !== "string" || directory === ""))
    throw mustBe("instance.directory", "the path of a folder", directory)
  return { name, token, directory }
}
