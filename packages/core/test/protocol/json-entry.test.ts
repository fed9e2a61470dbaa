import fc from "fast-check"
import { expect, test } from "vitest"
import { jsonEntry } from "../../src/protocol/json-entry.js"

test.each<[string, string | undefined]>([
  ['{"value":1}', "1"],
  [' { "a" : [ { "value" : 2 } ] , "value" : [ 1, "}" ] } ', '[ 1, "}" ]'],
  ['{"value":{"value":{}},"a":"value"}', '{"value":{}}'],
  ['{"a":"\\"value\\":1,","b":"\\\\","value":"\\\\\\""}', '"\\\\\\""'],
  ['{"v\\u0061lue":1e400}', "1e400"],
  ['{"value":1,"value":2}', "2"],
  ['{"a":{"value":1}}', undefined],
])("the text of an entry of %s", (text, expected) => {
  expect(jsonEntry(text, "value")).toBe(expected)
})

test("whatever the object, the text of an entry means the entry", () => {
  const object = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue(), { minKeys: 1 })
  const indents = fc.constantFrom(undefined, 1, "\t")
  fc.assert(
    fc.property(object, indents, (fields, indent) => {
      const text = JSON.stringify(fields, null, indent)
      for (const [name, value] of Object.entries(fields))
        expect(JSON.parse(jsonEntry(text, name) ?? "")).toStrictEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})
