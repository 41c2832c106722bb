/** Edits a text field as if it had been typed, so that the field's own undo takes it back. */

export interface FieldEdit {
  /** The stretch of the old text that is replaced, and what replaces it. */
  start: number
  end: number
  text: string
  /** What is selected afterwards. */
  selection: { start: number; end: number }
}

/**
 * Deprecated, and still the only way to edit a field that its own undo knows of:
 * https://developer.mozilla.org/en-US/docs/Web/API/Document/execCommand
 */
interface Editing {
  execCommand(command: 'insertText' | 'delete', showsDialog: false, text?: string): boolean
}

export function editField(field: HTMLTextAreaElement, edit: FieldEdit): void {
  const editing: Editing = document
  field.focus()
  field.setSelectionRange(edit.start, edit.end)
  if (edit.text === '') editing.execCommand('delete', false)
  else editing.execCommand('insertText', false, edit.text)
  field.setSelectionRange(edit.selection.start, edit.selection.end)
}
