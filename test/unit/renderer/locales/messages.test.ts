import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ERROR_CODES } from '#contract/errors'
import { NOISE_SOURCES, SCHEDULERS, SIGMA_SCHEDULES } from '#contract/generation'
import { JOB_PHASES } from '#contract/jobs'
import { systemLanguage } from '../../../../renderer/i18n.ts'
import { de } from '../../../../renderer/locales/de.ts'
import { en } from '../../../../renderer/locales/en.ts'

const RENDERER = join(import.meta.dirname, '../../../../renderer')
const LOCALES = { en: flatten(en), de: flatten(de) }

describe.each(Object.entries(LOCALES))('the messages of "%s"', (_name, messages) => {
  test('are the same keys as in English, none of them empty', () => {
    expect([...messages.keys()].toSorted()).toEqual([...LOCALES.en.keys()].toSorted())
    expect([...messages].filter(([, text]) => text.trim() === '')).toEqual([])
  })

  test('fill in the same places as the English ones', () => {
    const places = (text: string | undefined) => [...new Set(text?.match(/\{\w+\}/g))].toSorted()
    for (const [key, text] of messages) expect(places(text), key).toEqual(places(LOCALES.en.get(key)))
  })

  test('name every choice, error and phase of the contract', () => {
    for (const id of SCHEDULERS) expect(messages.has(`choice.schedulers.${id}.note`), id).toBe(true)
    for (const id of SIGMA_SCHEDULES) expect(messages.has(`choice.sigmaSchedules.${id}.note`), id).toBe(true)
    for (const id of NOISE_SOURCES) expect(messages.has(`choice.noiseSources.${id}.note`), id).toBe(true)
    for (const code of ERROR_CODES) expect(messages.has(`errors.${code}`), code).toBe(true)
    for (const phase of JOB_PHASES) expect(messages.has(`queue.phase.${phase}`), phase).toBe(true)
  })
})

test('every message is used somewhere in the page', () => {
  const sources = globSync('**/*.{vue,ts}', { cwd: RENDERER, exclude: ['locales/**'] })
    .map(file => readFileSync(join(RENDERER, file), 'utf8'))
    .join('\n')
  // Keys that are put together at run time begin with one of these.
  const dynamic = [
    'choice.',
    'errors.',
    'queue.phase.',
    'commands.',
    'settings.themes.',
    'settings.stages.',
    'settings.providers.',
    'gallery.periods.',
  ]
  const composed = [
    ...dynamic,
    'settings.languages.',
    'app.studio',
    'app.gallery',
    'app.settings',
    'canvas.tools.',
    'canvas.fills.',
    'canvas.looks.',
    'canvas.layers.',
    'canvas.parts.',
    'canvas.extendTo.',
    'canvas.moveTo.',
    ...['canvas.left', 'canvas.top', 'canvas.width', 'canvas.height'],
    'form.modes.',
    'form.qualities.',
    'form.features.',
    'form.hiresRows.',
    'form.hiresFrom.',
    'form.preprocessors.',
    'form.controlRows.',
    'prompt.drop',
  ]
  const unused = [...LOCALES.en.keys()].filter(
    key => !sources.includes(`'${key}'`) && !composed.some(start => key.startsWith(start)),
  )
  expect(unused).toEqual([])
})

test('the language is the first of the system that there is, else English', () => {
  expect(systemLanguage(['fr-CH', 'de-CH', 'en'])).toBe('de')
  expect(systemLanguage(['ja'])).toBe('en')
})

function flatten(messages: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(messages).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'string' ? [[prefix + key, value] as const] : [...flatten(value as object, `${prefix}${key}.`)],
    ),
  )
}
