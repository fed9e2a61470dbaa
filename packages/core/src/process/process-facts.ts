/** What the system knows of a process. */
export interface ProcessFacts {
  /** One letter: `R` runs, `S` and `D` sleep, `T` and `t` are stopped, `Z` and `X` have ended. */
  readonly state: string
  /** When it started, in the system's own notation. Together with the pid it names one process of one boot. */
  readonly startTime: string
  /** Its process group; its own pid if it leads one. */
  readonly pgid: number
  readonly ppid: number
}

/** A member of a process group. */
export interface GroupMember {
  readonly pgid: number
  /** Resident memory in bytes. */
  readonly rss: number
}

/** One way to ask the system about processes. Nothing here throws: what cannot be read is not there. */
export interface ProcessSource {
  read(pid: number): ProcessFacts | undefined
  /** Everything that can be seen, by pid, in one look. */
  all(): Map<number, ProcessFacts>
  /** Resident memory in bytes, where it can be had cheaply. */
  memory?(pid: number): number | undefined
  /** The members of these groups, zombies without memory included. */
  members(groups: ReadonlySet<number>): GroupMember[]
}
