/** Brings a field of the form into sight and puts the focus into it. */
export function focusField(path: string): void {
  const row = document.querySelector(`[data-field="${CSS.escape(path)}"]`)
  const control = row?.matches('input, select, textarea') ? row : row?.querySelector('input, select, textarea')
  if (control instanceof HTMLElement) {
    control.scrollIntoView({ block: 'nearest' })
    control.focus()
  }
}
