import { expect, test } from "vitest"
import { describeKills, type HostKill, killHost } from "../src/host-kill.js"
import { Random } from "../src/random.js"
import { full, scaled } from "../src/scale.js"
import { launches } from "../src/workers.js"
import { withSeeds } from "./support/seeds.js"

const rounds = scaled(1, 20)
const startsPerRound = scaled(3, 4)

test.runIf(process.platform === "linux")(
  "H1 the host is killed, whatever its workers do: a second later none of its processes is left",
  async () => {
    await withSeeds("host-kill", async (seed) => {
      const random = new Random(seed)
      const kills: HostKill[] = []
      for (let round = 0; round < rounds; round += 1)
        for (const launch of launches) {
          kills.push(await killHost({ state: "all", launch, delayMs: 0 }))
          for (let start = 0; start < startsPerRound; start += 1)
            kills.push(await killHost({ state: "starting", launch, delayMs: random.next() * 1000 }))
        }
      console.log(describeKills(kills, seed))
      expect(kills.flatMap(({ left }) => left)).toEqual([])
      // A machine that is busy with other tests takes its time; the long form has it for itself.
      if (full) expect(kills.filter(({ ms }) => ms > 1000)).toEqual([])
      expect(kills.filter(({ state, processes }) => state === "all" && processes < 6)).toEqual([])
    })
  },
  full ? 30 * 60_000 : 60_000,
)
