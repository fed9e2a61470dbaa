export {
  type PythonArgs,
  type PythonCallOptions,
  type PythonCalls,
  pythonCalls,
  type StoredObject,
  type ToolCaller,
} from "./calls.js"
export type { EnvironmentOption } from "./environment.js"
export { type PythonOptions, python } from "./python.js"
