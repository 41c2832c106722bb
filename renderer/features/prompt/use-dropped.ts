/** What becomes of a file that is dropped on the prompt. Whatever was written before comes back with Undo. */
import { useI18n } from 'vue-i18n'
import { AppError } from '#contract/errors'
import { EDIT_LIMITS } from '#contract/edit'
import type { ForeignSettings } from '#contract/foreign-settings'
import { LIMITS } from '#contract/generation'
import { toLoraTag } from '#contract/loras'
import { ConnectionError } from '../../api.ts'
import { useClient } from '../../stores/client.ts'
import { useDraft } from '../../stores/draft.ts'
import { useLayout } from '../../stores/layout.ts'
import { useModels } from '../../stores/models.ts'
import { useNotices } from '../../stores/notices.ts'
import { useSources } from '../../stores/sources.ts'
import { canStart } from '../form/shown-groups.ts'

/** A prompt of the longest kind in four-byte letters, and the settings behind it. */
const TEXT_BYTES = 8 * LIMITS.promptChars
const SHOWN_LEFT = 5

export function useDropped() {
  const { t } = useI18n()
  const [client, draft, layout, models] = [useClient(), useDraft(), useLayout(), useModels()]
  const [notices, sources] = [useNotices(), useSources()]

  async function take(file: File): Promise<void> {
    const { name } = file
    const before = draft.snapshot()
    const tell = (key: 'dropped' | 'droppedText' | 'droppedPicture', left: readonly string[] = []) => {
      const rest = left.length === 0 ? '' : ` ${t('prompt.droppedLeft', { left: shortList(left) })}`
      const undo = async () => draft.restore(before)
      notices.show({ text: t(`prompt.${key}`, { name }) + rest, tone: 'plain', undo })
    }
    const refuse = (key: 'dropTooLarge' | 'dropUnknown' | 'dropNoStart') =>
      notices.show({ text: t(`prompt.${key}`, { name }), tone: 'danger' })

    // Loaded when the first file comes: few people ever drop one.
    const { readDropped } = await import('./read-dropped.ts')
    if (file.size > EDIT_LIMITS.sourceBytes) return refuse('dropTooLarge')
    const found = await readDropped(file, TEXT_BYTES)
    switch (found.kind) {
      case 'request':
        draft.reuse(found.request)
        return tell('dropped')
      case 'settings':
        return tell('dropped', await adopt(found.settings))
      case 'text':
        draft.setPrompt(found.text)
        return tell('droppedText')
      case 'picture':
        return (await start(file))
          ? tell('droppedPicture')
          : refuse(canStart(draft.model) ? 'dropUnknown' : 'dropNoStart')
      case 'unknown':
        return refuse('dropUnknown')
    }
  }

  /** What another program said; what of it this machine has no model for, or that model no way of doing, is returned. */
  async function adopt({ input, model, loras, left }: ForeignSettings): Promise<string[]> {
    const known = loras.length === 0 ? [] : await knownLoras()
    const here = loras.filter(({ name }) => known.includes(name))
    const gone = loras.filter(({ name }) => !known.includes(name)).map(({ name }) => `LoRA ${name}`)
    const prompt = [input.prompt, ...here.map(toLoraTag)].join(' ')
    const own = model === null ? null : models.findByName(model)
    const named = { ...input, prompt, ...(own !== null && { model: own.id }) }
    const target = own ?? draft.model
    const isUnfit = named.scheduler !== undefined && target?.samplers.includes(named.scheduler) === false
    const { scheduler, sigmaSchedule: _sigmaSchedule, ...others } = named
    draft.reusePart(isUnfit ? others : named)
    return [
      ...(model !== null && own === null ? [t('prompt.leftModel', { model })] : []),
      ...(isUnfit ? [t('prompt.leftSampler', { sampler: t(`choice.schedulers.${scheduler}.name`) })] : []),
      ...gone,
      ...left,
    ]
  }

  /** None while the host does not answer: they are then said to be left. */
  async function knownLoras(): Promise<string[]> {
    try {
      return (await client.call('loras.list', {})).map(({ name }) => name)
    } catch (thrown) {
      if (thrown instanceof AppError || thrown instanceof ConnectionError) return []
      throw thrown
    }
  }

  async function start(file: File): Promise<boolean> {
    if (!canStart(draft.model)) return false
    try {
      draft.set('edit', { ...draft.values.edit, mask: null, source: await sources.importFile(file) })
      layout.openGroups['start'] = true
      return true
    } catch (thrown) {
      if (thrown instanceof AppError || thrown instanceof ConnectionError) return false
      throw thrown
    }
  }

  return { take }
}

function shortList(words: readonly string[]): string {
  return words.slice(0, SHOWN_LEFT).join(', ') + (words.length > SHOWN_LEFT ? ' …' : '')
}
