/**
 * Every action of the page, once: the shortcuts, the shortcut sheet and the command palette are all made from this
 * list. An action that makes no sense at the moment is not available.
 */
import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { ImageRecord } from '#contract/gallery'
import { useDialogs } from '../../stores/dialogs.ts'
import { useDraft } from '../../stores/draft.ts'
import { useGalleryList } from '../../stores/gallery-list.ts'
import { useJobs } from '../../stores/jobs.ts'
import { useLayout } from '../../stores/layout.ts'
import { useNotices } from '../../stores/notices.ts'
import { useSettings } from '../../stores/settings.ts'
import { useStudio } from '../../stores/studio.ts'
import { useOpenPicture } from '../canvas/use-open-picture.ts'
import { drawSeed } from '../form/draw-seed.ts'
import { useSwapSize } from '../form/use-swap-size.ts'
import { useFocusField } from '../generate/use-focus-field.ts'
import { useGenerate } from '../generate/use-generate.ts'
import { focusedPrompt, weighFocused } from '../prompt/weigh-field.ts'
import { WEIGHT_STEP } from '../prompt/weights.ts'
import { VARY, ZOOM_OUT } from '../stage/derive.ts'
import { usePictureActions } from '../stage/use-picture-actions.ts'
import type { en } from '../../locales/en.ts'

export const ACTION_GROUPS = ['draw', 'picture', 'view', 'edit'] as const
export type ActionGroup = (typeof ACTION_GROUPS)[number]

export interface Action {
  id: Exclude<keyof typeof en.commands, 'group' | 'palette' | 'search' | 'none' | 'shortcuts'>
  group: ActionGroup
  keys?: string
  isAvailable?: () => boolean
  run: () => unknown
}

export function useActions(): ComputedRef<(Action & { label: string })[]> {
  const { t } = useI18n()
  const groups = [drawActions(), pictureActions(), viewActions(), formActions()].flat()
  return computed(() => groups.map(action => ({ ...action, label: t(`commands.${action.id}`) })))
}

function drawActions(): Action[] {
  const [jobs, layout, dialogs] = [useJobs(), useLayout(), useDialogs()]
  const { generate } = useGenerate()
  return [
    { id: 'generate', group: 'draw', keys: 'mod+enter', isAvailable: () => layout.view !== 'canvas', run: generate },
    {
      id: 'cancel',
      group: 'draw',
      keys: 'mod+.',
      isAvailable: () => jobs.running !== null,
      run: () => jobs.running && jobs.cancel(jobs.running.id),
    },
    {
      id: 'skipImage',
      group: 'draw',
      keys: 'k',
      isAvailable: () => jobs.running !== null && jobs.running.request.images > 1,
      run: () => jobs.running && jobs.skipImage(jobs.running),
    },
    { id: 'openSweep', group: 'draw', keys: 'g', run: () => (dialogs.isSweepOpen = true) },
    { id: 'cancelAll', group: 'draw', isAvailable: () => jobs.unfinished.length > 0, run: jobs.cancelAll },
  ]
}

function pictureActions(): Action[] {
  const [studio, gallery, notices, layout] = [useStudio(), useGalleryList(), useNotices(), useLayout()]
  const actions = usePictureActions()
  const { openImage } = useOpenPicture()
  const isInStudio = () => layout.view === 'studio'
  const current = () => (isInStudio() ? studio.picture : layout.view === 'gallery' ? gallery.current : null)
  const withPicture = (
    action: Pick<Action, 'id' | 'keys'>,
    run: (picture: ImageRecord) => unknown,
    can: (picture: ImageRecord) => boolean = () => true,
  ): Action => ({
    ...action,
    group: 'picture',
    isAvailable() {
      const picture = current()
      return picture !== null && can(picture)
    },
    run() {
      const picture = current()
      return picture && run(picture)
    },
  })
  const zoom = (factor: number): [(picture: ImageRecord) => unknown, (picture: ImageRecord) => boolean] => [
    picture => actions.zoomOut(picture, factor),
    picture => actions.canZoomOut(picture, factor),
  ]
  const hasStrip = () => isInStudio() && studio.strip.length > 0
  return [
    { id: 'previousPicture', group: 'picture', keys: 'left', isAvailable: hasStrip, run: () => studio.step(-1) },
    { id: 'nextPicture', group: 'picture', keys: 'right', isAvailable: hasStrip, run: () => studio.step(1) },
    withPicture({ id: 'varySubtle', keys: 'v' }, picture => actions.vary(picture, VARY.subtle), actions.canVary),
    withPicture({ id: 'varyStrong', keys: 'shift+v' }, picture => actions.vary(picture, VARY.strong), actions.canVary),
    withPicture(
      { id: 'enlargePicture', keys: 'u' },
      picture => (actions.enlargersOf(picture).length > 0 ? actions.enlarge(picture) : actions.redraw(picture)),
      picture => actions.enlargersOf(picture).length > 0 || actions.canRedraw(picture),
    ),
    withPicture({ id: 'redrawPicture', keys: 'shift+u' }, actions.redraw, actions.canRedraw),
    withPicture({ id: 'zoomOut', keys: 'o' }, ...zoom(ZOOM_OUT.some)),
    withPicture({ id: 'zoomOutMore', keys: 'shift+o' }, ...zoom(ZOOM_OUT.much)),
    withPicture({ id: 'reuseAll', keys: 'r' }, actions.reuseAll),
    withPicture({ id: 'reusePrompt', keys: 'p' }, actions.reusePrompt),
    withPicture({ id: 'reuseSeed', keys: 's' }, actions.reuseSeed),
    withPicture({ id: 'useAsInput', keys: 'n' }, actions.useAsInput, actions.canUseAsInput),
    withPicture({ id: 'inpaint', keys: 'i' }, openImage),
    withPicture({ id: 'favourite', keys: 'f' }, actions.toggleFavourite),
    withPicture({ id: 'download', keys: 'd' }, actions.download),
    withPicture({ id: 'copyPicture', keys: 'c' }, actions.copy),
    {
      id: 'comparePicture',
      group: 'picture',
      keys: 'shift+c',
      isAvailable: () => isInStudio() && actions.neighbour() !== null,
      run: actions.compare,
    },
    withPicture({ id: 'showFile', keys: 'shift+f' }, actions.showFile),
    withPicture({ id: 'deletePicture', keys: 'delete' }, picture => actions.remove([picture])),
    {
      id: 'undoDelete',
      group: 'picture',
      keys: 'mod+z',
      isAvailable: () => notices.current?.undo !== undefined,
      run: notices.undo,
    },
  ]
}

function viewActions(): Action[] {
  const [layout, settings] = [useLayout(), useSettings()]
  const isDark = () => getComputedStyle(document.documentElement).colorScheme !== 'light'
  return [
    { id: 'openPalette', group: 'view', keys: 'mod+k', run: () => (layout.isPaletteOpen = true) },
    { id: 'openShortcuts', group: 'view', keys: '?', run: () => (layout.isShortcutsOpen = true) },
    {
      id: 'openTour',
      group: 'view',
      run() {
        layout.view = 'studio'
        layout.isTourOpen = true
      },
    },
    { id: 'openStudio', group: 'view', keys: '1', run: () => (layout.view = 'studio') },
    { id: 'openGallery', group: 'view', keys: '2', run: () => (layout.view = 'gallery') },
    { id: 'openCanvas', group: 'view', keys: '4', run: () => (layout.view = 'canvas') },
    { id: 'openSettings', group: 'view', keys: '3', run: () => (layout.view = 'settings') },
    { id: 'toggleColumn', group: 'view', keys: 'q', run: () => (layout.isColumnOpen = !layout.isColumnOpen) },
    { id: 'toggleTheme', group: 'view', run: () => settings.update({ theme: isDark() ? 'light' : 'dark' }) },
  ]
}

function formActions(): Action[] {
  const draft = useDraft()
  const layout = useLayout()
  const swap = useSwapSize()
  const focusField = useFocusField()
  const isInPrompt = () => focusedPrompt() !== null
  const focusPrompt = () => {
    layout.view = 'studio'
    requestAnimationFrame(() => void focusField('prompt'))
  }
  const toggleLock = () => (draft.isSeedLocked ? draft.unlockSeed() : draft.lockSeed(draft.seed ?? drawSeed()))
  return [
    { id: 'focusPrompt', group: 'edit', keys: '/', run: focusPrompt },
    { id: 'raiseWeight', group: 'edit', keys: 'mod+up', isAvailable: isInPrompt, run: () => weighFocused(WEIGHT_STEP) },
    {
      id: 'lowerWeight',
      group: 'edit',
      keys: 'mod+down',
      isAvailable: isInPrompt,
      run: () => weighFocused(-WEIGHT_STEP),
    },
    { id: 'rollSeed', group: 'edit', run: () => draft.lockSeed(drawSeed()) },
    { id: 'toggleSeedLock', group: 'edit', keys: 'l', run: toggleLock },
    { id: 'swapSize', group: 'edit', keys: 'x', run: swap },
    { id: 'resetAll', group: 'edit', run: draft.resetAll },
  ]
}
