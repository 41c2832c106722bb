/**
 * JSON as Python writes it: its `json` module puts Infinity, -Infinity and NaN outside of the standard, and diffusers'
 * scheduler configs have them ("lambda_min_clipped": -Infinity). They come back as words, which the readers of numbers know.
 */

/** Throws SyntaxError like JSON.parse. */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const mended = text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, token =>
      token.startsWith('"') ? token : `"${token}"`,
    )
    if (mended === text) throw error
    return JSON.parse(mended)
  }
}
