/** Two axes and the form -> the cells of a grid: every pair of values, each a complete request with the words at its edges. Pure. */
import type { GenerationInput } from '#contract/generation'
import type { Batch } from '#contract/jobs'

/** Where a number stands in a request; a point leads into one of its parts. */
export const NUMBER_FIELDS = [
  'steps',
  'guidance',
  'guidanceRescale',
  'seed',
  'width',
  'height',
  'variationSeed',
  'variationStrength',
  'clipSkip',
  'hires.scale',
  'hires.strength',
  'hires.steps',
  'edit.strength',
  'refiner.at',
  'controls.scale',
  'trueGuidance',
  'originalSteps',
] as const
export const CHOICE_FIELDS = ['scheduler', 'sigmaSchedule', 'noiseSource', 'model', 'vae'] as const
/** A word or phrase is replaced by each of the others. */
export const TEXT_FIELDS = ['prompt', 'negativePrompt'] as const
export type NumberField = (typeof NUMBER_FIELDS)[number]
export type ChoiceField = (typeof CHOICE_FIELDS)[number]
export type TextField = (typeof TEXT_FIELDS)[number]
export type AxisField = 'none' | TextField | NumberField | ChoiceField

export type Axis =
  | { field: 'none' }
  | { field: TextField; values: readonly string[] }
  | { field: NumberField; values: readonly number[]; name: string }
  | { field: ChoiceField; values: readonly { value: string; label: string }[] }

interface Edge {
  label: string
  apply: (input: GenerationInput) => GenerationInput
}

/** Rows one after the other, each from left to right. */
export function makeCells(base: GenerationInput, columns: Axis, rows: Axis): Batch['cells'] {
  return edgesOf(rows).flatMap((row, rowIndex) =>
    edgesOf(columns).map((column, columnIndex) => ({
      input: { ...column.apply(row.apply(base)), images: 1 },
      column: columnIndex,
      row: rowIndex,
      columnLabel: column.label,
      rowLabel: row.label,
    })),
  )
}

function edgesOf(axis: Axis): Edge[] {
  switch (axis.field) {
    case 'none':
      return [{ label: '', apply: input => input }]
    case 'prompt':
    case 'negativePrompt': {
      const [searched = ''] = axis.values
      return axis.values.map(value => ({
        label: value,
        apply: input => ({ ...input, [axis.field]: (input[axis.field] ?? '').replaceAll(searched, () => value) }),
      }))
    }
    case 'scheduler':
    case 'sigmaSchedule':
    case 'noiseSource':
    case 'model':
    case 'vae':
      return axis.values.map(({ value, label }) => ({ label, apply: input => ({ ...input, [axis.field]: value }) }))
    default:
      return axis.values.map(value => ({
        label: `${axis.name} ${value}`,
        apply: input => setNumber(input, axis.field, value),
      }))
  }
}

/** A part that is not asked for comes to be by this; of several ControlNets all take the same weight. */
function setNumber(input: GenerationInput, field: NumberField, value: number): GenerationInput {
  switch (field) {
    case 'hires.scale':
      return { ...input, hires: { ...input.hires, scale: value } }
    case 'hires.strength':
      return { ...input, hires: { ...input.hires, strength: value } }
    case 'hires.steps':
      return { ...input, hires: { ...input.hires, steps: value } }
    case 'edit.strength':
      return input.edit === undefined ? input : { ...input, edit: { ...input.edit, strength: value } }
    case 'refiner.at':
      return input.refiner === undefined ? input : { ...input, refiner: { ...input.refiner, at: value } }
    case 'controls.scale':
      return { ...input, controls: input.controls?.map(control => ({ ...control, scale: value })) }
    default:
      return { ...input, [field]: value }
  }
}
