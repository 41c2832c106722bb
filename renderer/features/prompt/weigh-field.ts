/** Changes the weight of what is selected in the prompt that has the focus. */
import { editField } from './edit-field.ts'
import { changeWeight } from './weights.ts'

export function focusedPrompt(): HTMLTextAreaElement | null {
  const field = document.activeElement
  return field instanceof HTMLTextAreaElement && field.dataset.weights !== undefined ? field : null
}

export function weighFocused(by: number): void {
  const field = focusedPrompt()
  if (field === null) return
  const edit = changeWeight(field.value, { start: field.selectionStart, end: field.selectionEnd }, by)
  if (edit !== null) editField(field, edit)
}
