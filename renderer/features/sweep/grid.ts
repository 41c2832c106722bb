/** Two axes and the form -> the cells of a grid: every pair of values, each a complete request with the words at its edges. Pure. */
import type { DraftField } from '../../stores/draft-memory.ts'
import type { GenerationInput } from '#contract/generation'
import type { Batch } from '#contract/jobs'

export const NUMBER_FIELDS = [
  'steps',
  'guidance',
  'guidanceRescale',
  'seed',
  'width',
  'height',
  'variationStrength',
] as const satisfies (DraftField | 'seed')[]
export const CHOICE_FIELDS = ['scheduler', 'sigmaSchedule', 'model'] as const
export type NumberField = (typeof NUMBER_FIELDS)[number]
export type ChoiceField = (typeof CHOICE_FIELDS)[number]
/** `prompt` replaces its first word or phrase by each of the others. */
export type AxisField = 'none' | 'prompt' | NumberField | ChoiceField

export type Axis =
  | { field: 'none' }
  | { field: 'prompt'; values: readonly string[] }
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
    case 'prompt': {
      const [searched = ''] = axis.values
      return axis.values.map(value => ({
        label: value,
        apply: input => ({ ...input, prompt: input.prompt.replaceAll(searched, () => value) }),
      }))
    }
    case 'scheduler':
    case 'sigmaSchedule':
    case 'model':
      return axis.values.map(({ value, label }) => ({ label, apply: input => ({ ...input, [axis.field]: value }) }))
    default:
      return axis.values.map(value => ({
        label: `${axis.name} ${value}`,
        apply: input => ({ ...input, [axis.field]: value }),
      }))
  }
}
