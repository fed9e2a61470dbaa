/** One way to call Python, measured beside the others. */
export interface Contestant {
  /** Used on the command line and in reports. */
  readonly name: string
  /** Python packages that it cannot do without, by the names that pip knows. */
  readonly needs?: readonly string[]
  /** Who takes its place where these are missing. Default: nobody. */
  readonly instead?: Contestant
  /** Starts `workers` Python processes and resolves when calls can be made. */
  open(setup: Setup): Promise<Session>
}

export interface Setup {
  /** The Python interpreter that every contestant runs. */
  readonly python: string
  readonly workers: number
}

/** Running workers. Calls go to the first worker unless the method says otherwise. */
export interface Session {
  /** One tiny call: Python returns `value`. */
  echo(value: number): Promise<number>
  /** Python returns the bytes it was sent. */
  echoBytes(data: Uint8Array): Promise<Uint8Array>
  /** Python sends 0, 1, … n−1 one by one; resolves after the last. */
  count(n: number, onItem: (value: number) => void): Promise<void>
  /** Calls every worker once and returns their process ids. */
  pids(): Promise<readonly number[]>
  /** Resolves when every worker is gone. */
  close(): Promise<void>
}

/** For contestants that know only single workers: several of them, seen as one session. */
export async function openEach(workers: number, open: () => Promise<Session>): Promise<Session> {
  const [first, ...others] = await Promise.all([open(), ...Array.from({ length: workers - 1 }, open)])
  const all = [first, ...others]
  return {
    echo: (value) => first.echo(value),
    echoBytes: (data) => first.echoBytes(data),
    count: (n, onItem) => first.count(n, onItem),
    pids: async () => (await Promise.all(all.map((each) => each.pids()))).flat(),
    close: async () => {
      await Promise.all(all.map((each) => each.close()))
    },
  }
}
