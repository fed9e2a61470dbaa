/**
 * For tests: workers inside this process, and workers without a pool.
 *
 * @module
 */
export { StreamChunk } from "./connection/stream-chunk.js"
export { type BareWorker, launchWorker, type OpenOptions } from "./testing/bare-worker.js"
export { type InProcessOptions, inProcess } from "./testing/in-process.js"
export { memory } from "./testing/memory.js"
export type { ToolContext, ToolDefinition, ToolFunction } from "./testing/tools.js"
