/** Method name -> schema of its argument. `satisfies` makes the compiler refuse a method of Api that is missing here. */
import { z } from 'zod'
import type { MethodName } from './api.ts'
import { importSourceSchema } from './edit.ts'
import { estimateSchema } from './estimate.ts'
import { favouriteSchema, galleryQuerySchema, imageIdSchema, imageIdsSchema } from './gallery.ts'
import { generationInputSchema } from './generation.ts'
import { batchSchema, jobIdSchema, skipImageSchema } from './jobs.ts'
import { listLorasSchema } from './loras.ts'
import { modelIdSchema } from './models.ts'
import { presetNameSchema, savePresetSchema } from './presets.ts'
import { settingsPatchSchema } from './settings.ts'
import { importStylesSchema, saveStyleSchema, styleNameSchema } from './styles.ts'
import { countTokensSchema } from './token-count.ts'
import { saveWildcardSchema, wildcardNameSchema } from './wildcards.ts'

const nothing = z.strictObject({})

export const METHODS = {
  'app.info': nothing,
  'jobs.submit': generationInputSchema,
  'jobs.submitBatch': batchSchema,
  'jobs.list': nothing,
  'jobs.get': jobIdSchema,
  'jobs.cancel': jobIdSchema,
  'jobs.cancelAll': nothing,
  'jobs.estimate': estimateSchema,
  'jobs.skipImage': skipImageSchema,
  'jobs.clearFinished': nothing,
  'gallery.list': galleryQuerySchema,
  'gallery.get': imageIdSchema,
  'gallery.setFavourite': favouriteSchema,
  'gallery.delete': imageIdsSchema,
  'gallery.restore': imageIdsSchema,
  'gallery.purge': imageIdsSchema,
  'gallery.emptyBin': nothing,
  'gallery.showFile': imageIdSchema,
  'sources.import': importSourceSchema,
  'sources.fromImage': imageIdSchema,
  'models.list': nothing,
  'models.get': modelIdSchema,
  'models.countTokens': countTokensSchema,
  'loras.list': listLorasSchema,
  'styles.list': nothing,
  'styles.save': saveStyleSchema,
  'styles.delete': styleNameSchema,
  'styles.import': importStylesSchema,
  'styles.export': nothing,
  'presets.list': nothing,
  'presets.save': savePresetSchema,
  'presets.delete': presetNameSchema,
  'wildcards.list': nothing,
  'wildcards.get': wildcardNameSchema,
  'wildcards.save': saveWildcardSchema,
  'wildcards.delete': wildcardNameSchema,
  'settings.get': nothing,
  'settings.update': settingsPatchSchema,
} as const satisfies Record<MethodName, z.ZodType>

export const METHOD_NAMES = Object.keys(METHODS) as MethodName[]

export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(METHODS, name)
}
