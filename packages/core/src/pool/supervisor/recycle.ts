import type { RecyclePolicy } from "./policies.js"

/** Why a worker is replaced though it has not ended. */
export type RecycleReason = DueReason | SpoiledReason

/** It has reached one of its limits, and nothing is wrong with it. */
export type DueReason = "ttl" | "requests" | "memory"

/** It is no good any more: a call in it cannot be stopped, or a tool has spoiled it. */
export type SpoiledReason = "stuck" | "tainted"

/** Strict sessions are not waited for: what they keep in the worker is lost. */
export function isSpoiled(reason: RecycleReason): reason is SpoiledReason {
  return reason === "stuck" || reason === "tainted"
}

/** The limits of one worker. */
export type RecycleLimits = Pick<RecyclePolicy, "ttlMs" | "maxRequests" | "maxMemoryBytes">

/** How much a worker has been used. */
export interface Wear {
  readonly uptimeMs: number
  readonly requests: number
  /** `undefined`: nobody has looked. */
  readonly memoryBytes: number | undefined
}

/** A worker lives as long whatever its age and its memory: limits below those of a fresh one must not make it flap. */
export const leastLifeMs = 1000

/** Limits that differ from worker to worker, so that those who started together do not go together. @param random from 0 up to 1. */
export function limitsOf(policy: RecyclePolicy, random: () => number): RecycleLimits {
  const { ttlMs, maxRequests, maxMemoryBytes, jitter } = policy
  const less = 1 - jitter * random()
  return {
    ttlMs: ttlMs === undefined ? undefined : Math.max(leastLifeMs, ttlMs * less),
    maxRequests: maxRequests === undefined ? undefined : Math.max(1, Math.round(maxRequests * less)),
    maxMemoryBytes,
  }
}

export function recycleReason(limits: RecycleLimits, wear: Wear): DueReason | undefined {
  const { ttlMs = Number.POSITIVE_INFINITY, maxRequests = Number.POSITIVE_INFINITY, maxMemoryBytes } = limits
  if (wear.requests >= maxRequests) return "requests"
  if (wear.uptimeMs >= ttlMs) return "ttl"
  if (maxMemoryBytes === undefined || wear.memoryBytes === undefined) return undefined
  if (wear.uptimeMs < leastLifeMs) return undefined
  return wear.memoryBytes > maxMemoryBytes ? "memory" : undefined
}
