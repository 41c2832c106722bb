/** Whether a text holds `__lists__` or `{a|b}`: what is drawn from them is known to the host alone. */
import { WILDCARD_IN_PROMPT } from '#contract/wildcards'

export function mayVary(text: string): boolean {
  return WILDCARD_IN_PROMPT.test(text) || /\{[^}]*\|/.test(text)
}
