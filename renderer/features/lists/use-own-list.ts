/**
 * One of the user's own lists while it is edited: what is chosen, what was changed, what is wrong. Changes are kept when
 * something else is chosen or the window is closed; what cannot be kept stays on the screen with its reason.
 */
import { computed, ref, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useNotices } from '../../stores/notices.ts'
import { useFailureText } from '../shell/use-failure-text.ts'

interface Named {
  name: string
}

export interface OwnListOptions<T extends Named> {
  names: Ref<readonly string[]>
  blank: () => T
  read: (name: string) => T | Promise<T>
  /** null: fits. */
  nameFault: (name: string) => string | null
  save: (item: T, replaces: string | undefined) => Promise<void>
  remove: (name: string) => Promise<void>
}

export function useOwnList<T extends Named>(options: OwnListOptions<T>) {
  const { t } = useI18n()
  const notices = useNotices()
  const failureText = useFailureText()
  /** The name under which the item is kept; null for a new one. */
  const kept = ref<string | null>(null)
  const item = ref(options.blank()) as Ref<T>
  const original = ref(JSON.stringify(options.blank()))
  const fault = ref<string | null>(null)
  const isDirty = computed(() => JSON.stringify(item.value) !== original.value)

  function show(name: string | null, shown: T): void {
    kept.value = name
    item.value = shown
    original.value = JSON.stringify(shown)
    fault.value = null
  }

  async function keep(): Promise<boolean> {
    if (!isDirty.value) return true
    const { name } = item.value
    const isTaken = name !== kept.value && options.names.value.includes(name)
    fault.value = name === '' ? t('lists.nameMissing') : isTaken ? t('lists.nameTaken') : options.nameFault(name)
    if (fault.value !== null) return false
    const isKept = await attempt(() => options.save({ ...item.value }, kept.value ?? undefined))
    if (isKept) show(name, item.value)
    return isKept
  }

  /** False where it failed; the reason is shown. */
  async function attempt(action: () => Promise<unknown>): Promise<boolean> {
    try {
      await action()
      return true
    } catch (thrown) {
      fault.value = failureText(thrown)
      return false
    }
  }

  async function choose(name: string): Promise<void> {
    if (name === kept.value || !(await keep())) return
    await attempt(async () => show(name, { ...(await options.read(name)) }))
  }
  async function create(): Promise<void> {
    if (await keep()) show(null, options.blank())
  }

  async function remove(): Promise<void> {
    const name = kept.value
    if (name === null) return show(null, options.blank())
    const removed = await options.read(name)
    if (!(await attempt(() => options.remove(name)))) return
    const at = options.names.value.indexOf(name)
    const neighbour = options.names.value.filter(other => other !== name)[Math.max(0, at)] ?? null
    show(null, options.blank())
    if (neighbour !== null) await choose(neighbour)
    notices.show({
      text: t('lists.deleted', { name }),
      tone: 'plain',
      undo: async () => {
        await options.save(removed, undefined)
      },
    })
  }

  function rename(name: string): void {
    item.value = { ...item.value, name }
  }

  return { kept, item, fault, isDirty, rename, keep, choose, create, remove, attempt }
}
