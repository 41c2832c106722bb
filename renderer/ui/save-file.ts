/** "Save as": a browser puts the file into its downloads, the desktop app asks where to (hosts/electron/save-dialog.ts). */

export function saveUrl(url: string, fileName: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
}

export function saveFile(file: Blob, fileName: string): void {
  const url = URL.createObjectURL(file)
  saveUrl(url, fileName)
  URL.revokeObjectURL(url)
}
