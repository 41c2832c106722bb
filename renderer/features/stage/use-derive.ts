/** Going on from a finished picture in one click: its variations, twice its size, more of its surroundings. */
import type { ImageRecord } from '#contract/gallery'
import type { ModelSummary } from '#contract/models'
import { useClient } from '../../stores/client.ts'
import { useDraft } from '../../stores/draft.ts'
import { useJobs } from '../../stores/jobs.ts'
import { useLayout } from '../../stores/layout.ts'
import { useModels } from '../../stores/models.ts'
import { useSources } from '../../stores/sources.ts'
import { useStudio } from '../../stores/studio.ts'
import { drawSeed } from '../form/draw-seed.ts'
import { useGenerate } from '../generate/use-generate.ts'
import { useReport } from '../shell/use-report.ts'
import {
  canZoomOut,
  enlargedSize,
  fitsStep,
  INPUT_STRENGTH,
  redrawnSize,
  toEnlarged,
  toRedrawn,
  toVariations,
  toZoomedOut,
} from './derive.ts'

const VARIATIONS = 4

export function useDerive() {
  const [client, draft, jobs, models] = [useClient(), useDraft(), useJobs(), useModels()]
  const [sources, studio] = [useSources(), useStudio()]
  const layout = useLayout()
  const { submit } = useGenerate()
  const report = useReport()

  /** The one that made it; null when it is gone or cannot be used any more. */
  const modelOf = (image: ImageRecord): ModelSummary | null =>
    models.usable.find(({ id }) => id === image.request.model) ?? null

  return {
    /** Four pictures beside this one. */
    vary: (image: ImageRecord, strength: number) =>
      report(async () => {
        const seeds = Array.from({ length: VARIATIONS }, drawSeed)
        layout.view = 'studio'
        studio.followBatch(await jobs.submitBatch({ cells: toVariations(image, strength, seeds) }))
      }),
    canVary: (image: ImageRecord): boolean => models.painters.some(({ id }) => id === image.request.model),

    /** Through this network; through the first one where none is named. */
    enlarge: (image: ImageRecord, network = models.enlargers[0]?.id) =>
      report(async () => {
        const size = enlargedSize(image)
        if (size === null || network === undefined) return
        const { id } = await client.call('sources.fromImage', { id: image.id })
        layout.view = 'studio'
        await submit(toEnlarged(image, size, id, network))
      }),
    enlargersOf: (image: ImageRecord): ModelSummary[] => (enlargedSize(image) === null ? [] : models.enlargers),

    redraw: (image: ImageRecord) =>
      report(async () => {
        const size = redrawnSize(image, modelOf(image))
        if (size === null) return
        const { id } = await client.call('sources.fromImage', { id: image.id })
        layout.view = 'studio'
        await submit(toRedrawn(image, size, id))
      }),
    canRedraw: (image: ImageRecord): boolean => redrawnSize(image, modelOf(image)) !== null,

    zoomOut: (image: ImageRecord, factor: number) =>
      report(async () => {
        if (!canZoomOut(image, factor, modelOf(image))) return
        const { id } = await client.call('sources.fromImage', { id: image.id })
        layout.view = 'studio'
        await submit(toZoomedOut(image, factor, id))
      }),
    /** The next pictures start from this one; of what was typed nothing changes but the size. */
    useAsInput: (image: ImageRecord) =>
      report(async () => {
        const source = await sources.importImage(image.id)
        layout.view = 'studio'
        draft.set('edit', { source, strength: INPUT_STRENGTH })
        if (!fitsStep(image) || draft.model?.fixedSize !== null) return
        draft.set('width', image.width)
        draft.set('height', image.height)
      }),
    canUseAsInput: (): boolean => draft.model?.features.includes('image-to-image') === true,
    canZoomOut: (image: ImageRecord, factor: number): boolean => canZoomOut(image, factor, modelOf(image)),
  }
}
