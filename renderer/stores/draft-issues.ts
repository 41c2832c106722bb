/** What is wrong with the form: by the contract's schema at once, and by the host's answer until the field is changed. */
import { computed, ref, type Ref } from 'vue'
import { toErrorPayload, type InputIssue } from '#contract/errors'
import { generationInputSchema, type GenerationInput } from '#contract/generation'
import { parseInput } from '#contract/parse'
import { parsePrompt } from '#contract/prompt-syntax'

export function useDraftIssues(input: Ref<GenerationInput>) {
  const fromHost = ref<Record<string, InputIssue>>({})
  /** The same object as long as the same is wrong, or every field of the form would be drawn anew with every key. */
  const issues = computed<Record<string, InputIssue>>(before => {
    const now = { ...fromHost.value, ...findIssues(input.value) }
    return before !== undefined && JSON.stringify(before) === JSON.stringify(now) ? before : now
  })

  return {
    issues,
    showHostIssues(found: readonly InputIssue[]): void {
      fromHost.value = byPath(found)
    },
    isHostIssue: (path: string): boolean => path in fromHost.value,
    forgetIssue(path: string): void {
      const others = Object.values(fromHost.value).filter(i => i.path !== path && !i.path.startsWith(`${path}.`))
      if (others.length < Object.keys(fromHost.value).length) fromHost.value = byPath(others)
    },
  }
}

/** The same schema that the host asks, so that a wrong field is marked before anything is sent. */
function findIssues(input: GenerationInput): Record<string, InputIssue> {
  return byPath([
    ...issuesOf(() => parseInput(generationInputSchema, input)),
    ...issuesOf(() => parsePrompt(input.prompt, 'prompt')),
    ...issuesOf(() => parsePrompt(input.negativePrompt ?? '', 'negativePrompt')),
  ])
}

function issuesOf(check: () => unknown): readonly InputIssue[] {
  try {
    check()
    return []
  } catch (thrown) {
    return toErrorPayload(thrown).issues ?? []
  }
}

function byPath(issues: readonly InputIssue[]): Record<string, InputIssue> {
  return Object.fromEntries(issues.map(issue => [issue.path, issue]))
}
