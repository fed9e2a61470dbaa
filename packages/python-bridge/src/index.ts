export { type PythonOptions, python } from "./python.js"
