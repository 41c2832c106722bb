/** The short menus of a picture; what its model cannot do is not in them. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { ImageRecord } from '#contract/gallery'
import { useStudio } from '../../stores/studio.ts'
import { showKeys } from '../commands/keys.ts'
import { VARY, ZOOM_OUT } from './derive.ts'
import { usePictureActions } from './use-picture-actions.ts'

export function usePictureMenus(picture: () => ImageRecord) {
  const { t, n } = useI18n()
  const studio = useStudio()
  const actions = usePictureActions()
  const item = (id: string, label: string, keys: string | null, run: (image: ImageRecord) => unknown) => ({
    id,
    label,
    ...(keys !== null && { keys: showKeys(keys) }),
    run: () => void run(picture()),
  })

  const vary = computed(() =>
    actions.canVary(picture())
      ? [
          item('subtle', t('picture.varySubtle'), 'v', image => actions.vary(image, VARY.subtle)),
          item('strong', t('picture.varyStrong'), 'shift+v', image => actions.vary(image, VARY.strong)),
        ]
      : [],
  )
  const zoom = (factor: number, keys: string) =>
    actions.canZoomOut(picture(), factor)
      ? [
          item(`zoom-${factor}`, t('picture.zoomOut', { factor: n(factor) }), keys, image =>
            actions.zoomOut(image, factor),
          ),
        ]
      : []
  const enlarge = computed(() => [
    ...actions
      .enlargersOf(picture())
      .map(({ id, name }, i, { length }) =>
        item(
          `enlarge-${id}`,
          length === 1 ? t('picture.enlargeTwice') : t('picture.enlargeWith', { name }),
          i === 0 ? 'u' : null,
          image => actions.enlarge(image, id),
        ),
      ),
    ...(actions.canRedraw(picture()) ? [item('redraw', t('picture.redraw'), 'shift+u', actions.redraw)] : []),
    ...zoom(ZOOM_OUT.some, 'o'),
    ...zoom(ZOOM_OUT.much, 'shift+o'),
  ])
  const reuse = computed(() => [
    item('all', t('picture.reuseAll'), 'r', actions.reuseAll),
    item('prompt', t('picture.reusePrompt'), 'p', actions.reusePrompt),
    item('seed', t('picture.reuseSeed'), 's', actions.reuseSeed),
    ...(actions.canUseAsInput() ? [item('input', t('picture.useAsInput'), 'n', actions.useAsInput)] : []),
  ])
  const isComparable = computed(() => studio.picture?.id === picture().id && actions.neighbour() !== null)
  const more = computed(() => [
    item('copy', t('picture.copy'), 'c', actions.copy),
    ...(isComparable.value ? [item('compare', t('compare.compare'), 'shift+c', actions.compare)] : []),
    item('file', t('picture.showFile'), 'shift+f', actions.showFile),
  ])
  return { vary, enlarge, reuse, more }
}
