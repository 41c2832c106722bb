/** German words of the grids and of comparing. */
import type { compareEn, sweepEn } from './studio.en.ts'

export const sweepDe: typeof sweepEn = {
  title: 'Raster aus Einstellungen',
  open: 'Raster aus Einstellungen …',
  columns: 'Spalten',
  rows: 'Zeilen',
  none: 'Nichts',
  prompt: 'Wörter der Beschreibung',
  values: 'Werte',
  valuesOf: 'Werte für: {axis}',
  numbersHint: '4, 8, 12 oder 5-20 (+5)',
  promptHint: 'Fuchs, Katze (das erste wird ersetzt)',
  wrong: '„{text}“ ist weder eine Zahl noch ein Bereich wie 1-10 (+2).',
  missing: '„{text}“ steht nicht in der Beschreibung.',
  outside: '„{cell}“ liegt außerhalb dessen, was einstellbar ist.',
  nothing: 'Eine Einstellung wählen und ihre Werte schreiben.',
  tooMany: 'Ein Raster hat höchstens {max} Bilder.',
  count: 'keine Bilder | 1 Bild | {count} Bilder',
  queue: 'Raster einreihen',
  sheet: 'Kontaktbogen',
  sheetAlt: 'Kontaktbogen mit {made} von {all} Bildern',
  made: '{made} von {all} Bildern',
  save: 'Als Datei speichern',
}

export const compareDe: typeof compareEn = {
  title: 'Vergleichen',
  slider: 'Wie viel vom ersten Bild zu sehen ist',
  first: 'Erstes',
  second: 'Zweites',
  setting: 'Einstellung',
  same: 'Beide entstanden mit denselben Einstellungen.',
  compare: 'Vergleichen',
  none: 'nichts',
}
