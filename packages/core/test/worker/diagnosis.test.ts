import { describe, expect, test } from "vitest"
import { diagnose, type Symptoms } from "../../src/worker/diagnosis.js"

const policy = { intervalMs: 2000, timeoutMs: 10_000, maxMissed: 3, dependent: true }
const lenient = { ...policy, dependent: false }

/** An idle process that sleeps, and has missed too much. */
const silent: Symptoms = {
  missed: 3,
  policy,
  busy: false,
  stuck: false,
  isProcess: true,
  processState: "S",
  hostLagMs: 0,
  complaint: undefined,
}

const table: readonly [string, Partial<Symptoms>, "none" | "probe" | "kill", string][] = [
  ["an idle worker, once", { missed: 1 }, "none", "did not answer 1 heartbeat"],
  ["an idle worker, not often enough", { missed: 2 }, "none", "did not answer 2 heartbeats"],
  ["an idle worker, too often", {}, "kill", "did not answer 3 heartbeats"],
  ["an idle worker, more than too often", { missed: 4 }, "kill", "did not answer 4 heartbeats"],
  ["one whose state nobody knows", { processState: undefined }, "kill", "did not answer 3 heartbeats"],
  [
    "one whose configured ping says why",
    { complaint: "no GPU" },
    "kill",
    "did not answer 3 heartbeats: no GPU",
  ],
  ["a lenient policy", { policy: lenient }, "none", "did not answer 3 heartbeats"],
  ["P23 a worker that runs a call", { busy: true }, "none", "did not answer 3 heartbeats: it runs a call"],
  [
    "P23 the same, for hours",
    { busy: true, missed: 999 },
    "none",
    "did not answer 999 heartbeats: it runs a call",
  ],
  [
    "P15 a worker with a call that does not stop, and others that wait for the lock it holds",
    { busy: true, stuck: true },
    "kill",
    "did not answer 3 heartbeats: a call does not stop",
  ],
  [
    "P15 the same, not often enough",
    { missed: 2, busy: true, stuck: true },
    "none",
    "did not answer 2 heartbeats: a call does not stop",
  ],
  [
    "a busy worker that waits for a disk",
    { busy: true, processState: "D" },
    "none",
    "did not answer 3 heartbeats: it runs a call",
  ],
  [
    "P2 a stopped worker, at once",
    { missed: 1, processState: "T" },
    "kill",
    "did not answer 1 heartbeat: its process is stopped",
  ],
  [
    "P2 a stopped worker that runs a call",
    { missed: 1, busy: true, processState: "T" },
    "kill",
    "did not answer 1 heartbeat: its process is stopped",
  ],
  [
    "P2 a traced worker that is stopped",
    { missed: 1, processState: "t" },
    "kill",
    "did not answer 1 heartbeat: its process is stopped",
  ],
  [
    "a stopped worker under a lenient policy",
    { policy: lenient, processState: "T" },
    "none",
    "did not answer 3 heartbeats: its process is stopped",
  ],
  ["H6 the host slept", { hostLagMs: 2000 }, "probe", "did not answer 3 heartbeats"],
  [
    "H6 the host slept, and the worker was asked again",
    { missed: 4, hostLagMs: 2000 },
    "kill",
    "did not answer 4 heartbeats",
  ],
  ["H6 the host was a little late", { hostLagMs: 1999 }, "kill", "did not answer 3 heartbeats"],
  [
    "H6 the host slept, and the worker is stopped",
    { hostLagMs: 9e9, processState: "T" },
    "kill",
    "did not answer 3 heartbeats: its process is stopped",
  ],
  [
    "H6 the host slept, and the policy is lenient",
    { policy: lenient, hostLagMs: 9e9 },
    "none",
    "did not answer 3 heartbeats",
  ],
  [
    "a worker inside the host",
    { isProcess: false, processState: undefined },
    "none",
    "did not answer 3 heartbeats",
  ],
]

describe("the diagnosis of", () => {
  test.each(table)("%s", (_, symptoms, action, reason) => {
    expect(diagnose({ ...silent, ...symptoms })).toEqual({ action, reason })
  })
})
