/** Ties the client to the stores: asks for everything when a connection opens, then follows the events. */
import type { AppEvent } from '#contract/api'
import { AppError } from '#contract/errors'
import { createNoticeList } from '#contract/notices'
import { ConnectionError, type Client } from './api.ts'
import { useAppInfo } from './stores/app-info.ts'
import { useGalleryList } from './stores/gallery-list.ts'
import { useJobs } from './stores/jobs.ts'
import { useModels } from './stores/models.ts'
import { useNotices } from './stores/notices.ts'
import { usePictures } from './stores/pictures.ts'
import { usePresets } from './stores/presets.ts'
import { useSettings } from './stores/settings.ts'
import { useStudio } from './stores/studio.ts'
import { useStyles } from './stores/styles.ts'
import { useWildcards } from './stores/wildcards.ts'
import { errorText, noticeText, type Translator } from './words.ts'

/** Returns the function that stops. */
export function startSync(client: Client, translator: Translator): () => void {
  const [jobs, models, pictures, settings, studio] = [useJobs(), useModels(), usePictures(), useSettings(), useStudio()]

  const [gallery, notices] = [useGalleryList(), useNotices()]
  const info = useAppInfo()
  const [styles, presets, wildcards] = [useStyles(), usePresets(), useWildcards()]
  /** A connection that comes back tells nothing twice. */
  const told = createNoticeList()
  /** A file of the user's own that cannot be read costs only what is in it. */
  const ownLists = () => Promise.all([styles, presets, wildcards].map(list => list.refresh().catch(tellFailure)))

  async function refreshAll(): Promise<void> {
    try {
      await Promise.all([
        settings.refresh(),
        models.refresh(),
        jobs.refresh(),
        pictures.refresh(),
        gallery.refresh(),
        ownLists(),
        tellNews(),
      ])
    } catch (thrown) {
      // The connection went again in the meantime: its next 'open' asks anew. Anything else is a fault to be seen.
      if (!(thrown instanceof ConnectionError)) throw thrown
    }
  }

  /** What happened at the start of the program that the user should know: a mended setting, a rebuilt index. */
  async function tellNews(): Promise<void> {
    const { notices: all } = await info.refresh()
    const news = all.filter(notice => told.add(notice))
    if (news.length > 0)
      notices.show({ text: news.map(notice => noticeText(notice, translator)).join(' '), tone: 'danger' })
  }

  function tellFailure(thrown: unknown): void {
    if (!(thrown instanceof AppError)) throw thrown
    notices.show({ text: errorText(thrown, translator), tone: 'danger' })
  }

  function follow(event: AppEvent): void {
    switch (event.type) {
      case 'job':
        return jobs.apply(event.job)
      case 'preview':
        return jobs.applyPreview(event.preview)
      case 'jobs-cleared':
        return jobs.forgetFinished()
      case 'image-added':
      case 'image-changed':
        pictures.apply(event.image)
        return gallery.apply(event.image)
      case 'images-removed':
        studio.moveOff(event.ids)
        pictures.forget(event.ids)
        return gallery.forget(event.ids)
      case 'settings':
        return settings.apply(event.settings)
      case 'models':
        return models.apply(event.models)
      case 'styles':
        return styles.apply(event.styles)
      case 'presets':
        return presets.apply(event.presets)
      case 'wildcards':
        return wildcards.apply(event.folder)
      case 'reset':
        return void refreshAll()
    }
  }

  const stopEvents = client.onEvent(follow)
  const stopState = client.onState(state => {
    if (state === 'open') void refreshAll()
  })
  return () => {
    stopEvents()
    stopState()
  }
}
