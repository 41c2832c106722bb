/** Python's JSON writer puts Infinity and NaN outside of JSON; here they become the words "Infinity", "-Infinity", "NaN". */
export function parsePythonJson(text: string): unknown {
  return JSON.parse(text.replace(/(?<=[:[,]\s*)(-?Infinity|NaN)(?=\s*[,\]}])/g, '"$1"'))
}
