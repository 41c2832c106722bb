/** Changes the weight of what is selected in the prompt that has the focus. */
import { changeWeight } from './weights.ts'

/**
 * Deprecated, and still the only way to edit a field that its own undo knows of:
 * https://developer.mozilla.org/en-US/docs/Web/API/Document/execCommand
 */
interface Editing {
  execCommand(command: 'insertText', showsDialog: false, text: string): boolean
}

export function focusedPrompt(): HTMLTextAreaElement | null {
  const field = document.activeElement
  return field instanceof HTMLTextAreaElement && field.dataset.weights !== undefined ? field : null
}

export function weighFocused(by: number): void {
  const field = focusedPrompt()
  if (field === null) return
  const edit = changeWeight(field.value, { start: field.selectionStart, end: field.selectionEnd }, by)
  if (edit === null) return
  field.setSelectionRange(edit.start, edit.end)
  const editing: Editing = document
  editing.execCommand('insertText', false, edit.text)
  field.setSelectionRange(edit.selection.start, edit.selection.end)
}
