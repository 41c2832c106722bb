/** Every method and every event of the application. Hosts and views are written against this; nothing else declares a method. */
import type { Estimate, EstimateArgument } from './estimate.ts'
import type { GalleryPage, GalleryQuery, ImageRecord, ShownFile } from './gallery.ts'
import type { GenerationInput } from './generation.ts'
import type { Batch, JobSnapshot, Preview } from './jobs.ts'
import type { LoraSummary } from './loras.ts'
import type { ModelSummary } from './models.ts'
import type { Provider } from './providers.ts'
import type { Settings, SettingsPatch } from './settings.ts'
import type { ErrorPayload } from './errors.ts'
import type { Notice } from './notices.ts'
import type { CountTokensArgument, TokenCount } from './token-count.ts'
import type { ImportedSource } from './edit.ts'
import type { Preset } from './presets.ts'
import type { ImportedStyles, Style } from './styles.ts'
import type { WildcardFile, WildcardFolder } from './wildcards.ts'

export interface AppInfo {
  name: string
  version: string
  host: 'electron' | 'server' | 'cli'
  imagesFolder: string
  modelFolders: string[]
  /** What networks could be computed on here; see providers.ts. */
  providers: Provider[]
  /** What happened at the start that the user should know: a database that was rebuilt, a setting that was mended. */
  notices: Notice[]
}

export interface Api {
  app: {
    info(argument: Record<string, never>): Promise<AppInfo>
  }
  jobs: {
    /** Checks the request against the contract and the model, stores it, and returns at once. */
    submit(input: GenerationInput): Promise<JobSnapshot>
    /** Every cell becomes a job, in their order, or none does. */
    submitBatch(batch: Batch): Promise<JobSnapshot[]>
    /** Unfinished jobs first in the order of the queue, then the newest finished ones. */
    list(argument: Record<string, never>): Promise<JobSnapshot[]>
    get(argument: { id: string }): Promise<JobSnapshot>
    /** Returns at once with `cancelling` set, or the job as it is when it had already ended. */
    cancel(argument: { id: string }): Promise<JobSnapshot>
    cancelAll(argument: Record<string, never>): Promise<JobSnapshot[]>
    /** By what was measured on this machine for the same model, work and setting of the engine; see estimate.ts. */
    estimate(argument: EstimateArgument): Promise<Estimate>
    /** The engine goes on with the next image. Changes nothing when `image` is not, or no longer, the one in work. */
    skipImage(argument: { id: string; image: number }): Promise<JobSnapshot>
    /** Forgets every job that has ended, whichever; their pictures stay. */
    clearFinished(argument: Record<string, never>): Promise<{ cleared: number }>
  }
  gallery: {
    list(query: GalleryQuery): Promise<GalleryPage>
    get(argument: { id: string }): Promise<ImageRecord>
    setFavourite(argument: { id: string; favourite: boolean }): Promise<ImageRecord>
    /** Into the bin: out of every list, the file moved to the bin folder; `restore` brings it back. */
    delete(argument: { ids: string[] }): Promise<{ deleted: string[] }>
    restore(argument: { ids: string[] }): Promise<{ restored: ImageRecord[] }>
    /** For good, file and all. Only what is in the bin can go; `not-found` names anything else. */
    purge(argument: { ids: string[] }): Promise<{ purged: string[] }>
    /** Everything in the bin, for good. */
    emptyBin(argument: Record<string, never>): Promise<{ purged: string[] }>
    /** Opens the folder with the file where the host can (the desktop app), and says in any case where it is. */
    showFile(argument: { id: string }): Promise<ShownFile>
  }
  /** Pictures that a request starts from; `edit` names them by the id. */
  sources: {
    import(argument: { base64: string }): Promise<ImportedSource>
    /** A picture of the gallery, as it is in its file. */
    fromImage(argument: { id: string }): Promise<ImportedSource>
  }
  models: {
    list(argument: Record<string, never>): Promise<ModelSummary[]>
    get(argument: { id: string }): Promise<ModelSummary>
    /** How a prompt fits the model's text encoder; `invalid-input` for one that cannot be read. */
    countTokens(argument: CountTokensArgument): Promise<TokenCount>
  }
  /** The `.safetensors` files of the folder "loras" of the data folder, and of those beside the models. */
  loras: {
    /** `model`: whether each fits it; `not-found` names one that is not there. */
    list(argument: { model?: string | undefined }): Promise<LoraSummary[]>
  }
  /** Kept in styles.csv of the data folder, in A1111's format. Each answer but `import` is all that there are. */
  styles: {
    list(argument: Record<string, never>): Promise<Style[]>
    /** `invalid-input` where another one has the name. */
    save(style: Style & { replaces?: string | undefined }): Promise<Style[]>
    delete(argument: { name: string }): Promise<Style[]>
    /** A file of A1111's; those of a name that is there already take its place. */
    import(argument: { csv: string }): Promise<ImportedStyles>
    export(argument: Record<string, never>): Promise<{ csv: string }>
  }
  /** Each answer is all that there are, of every model. */
  presets: {
    list(argument: Record<string, never>): Promise<Preset[]>
    /** `invalid-input` where another one of the model has the name. */
    save(preset: Preset & { replaces?: string | undefined }): Promise<Preset[]>
    delete(argument: { model: string; name: string }): Promise<Preset[]>
  }
  /** The text files of the folder "wildcards" of the data folder. */
  wildcards: {
    list(argument: Record<string, never>): Promise<WildcardFolder>
    get(argument: { name: string }): Promise<WildcardFile>
    /** `invalid-input` where another list has the name. */
    save(file: WildcardFile & { replaces?: string | undefined }): Promise<WildcardFolder>
    delete(argument: { name: string }): Promise<WildcardFolder>
  }
  settings: {
    get(argument: Record<string, never>): Promise<Settings>
    update(patch: SettingsPatch): Promise<Settings>
  }
}

/** What a host pushes to its views. Every event can be lost: a view that reconnects queries again. */
export type AppEvent =
  | { type: 'job'; job: JobSnapshot }
  | { type: 'preview'; preview: Preview }
  | { type: 'image-added'; image: ImageRecord }
  | { type: 'image-changed'; image: ImageRecord }
  | { type: 'images-removed'; ids: string[] }
  /** Finished jobs were forgotten. */
  | { type: 'jobs-cleared' }
  | { type: 'settings'; settings: Settings }
  | { type: 'models'; models: ModelSummary[] }
  | { type: 'styles'; styles: Style[] }
  | { type: 'presets'; presets: Preset[] }
  | { type: 'wildcards'; folder: WildcardFolder }
  /** Events were missed for good: query everything again. */
  | { type: 'reset' }

export type MethodName = { [S in keyof Api]: `${S}.${keyof Api[S] & string}` }[keyof Api]
type FunctionOf<M extends MethodName> = M extends `${infer S}.${infer F}`
  ? S extends keyof Api
    ? F extends keyof Api[S]
      ? Api[S][F]
      : never
    : never
  : never
export type Argument<M extends MethodName> = FunctionOf<M> extends (argument: infer A) => unknown ? A : never
export type Result<M extends MethodName> = FunctionOf<M> extends (argument: never) => Promise<infer R> ? R : never

/** What crosses a border in answer to a call. */
export type Reply<T = unknown> = { ok: true; value: T } | { ok: false; error: ErrorPayload }

/** What the preload script puts on the window as `api`; in a browser the page speaks HTTP instead. */
export interface Bridge {
  call(method: MethodName, argument: unknown): Promise<Reply>
  /** Returns the function that stops listening. */
  on(listener: (event: AppEvent) => void): () => void
}
