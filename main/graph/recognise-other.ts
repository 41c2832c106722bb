/** What lies under a file's name when it is not that file: the usual accidents of downloading, by their first bytes. */

interface Other {
  what: string
  remedy: string
}

const DOWNLOAD_AGAIN = 'Download the file again.'

/** null: it may be a graph. `head` is the beginning of a file of `size` bytes. */
export function recogniseOther(size: number, head: Uint8Array): Other | null {
  if (size === 0) return { what: 'empty (0 bytes)', remedy: DOWNLOAD_AGAIN }
  const text = new TextDecoder('latin1').decode(head)
  if (text.startsWith('version https://git-lfs.github.com')) {
    const bytes = /^size (\d+)$/m.exec(text)?.[1]
    const real = bytes === undefined ? '' : ` of a file of ${bytes} bytes`
    return { what: `a git-lfs pointer${real}, not the file itself`, remedy: 'Fetch it with "git lfs pull".' }
  }
  if (/^\s*<(!doctype|html|\?xml|head|body)/i.test(text)) {
    return {
      what: 'a web page, not the file itself',
      remedy: `The download was answered with an error page. ${DOWNLOAD_AGAIN}`,
    }
  }
  if (/^\s*[{[]\s*["}\]{]/.test(text)) return { what: 'JSON text, not an ONNX graph', remedy: DOWNLOAD_AGAIN }
  if (text.startsWith('PK\u0003\u0004'))
    return { what: 'a zip archive or a PyTorch checkpoint, not an ONNX graph', remedy: 'Unpack or convert it.' }
  if (text.startsWith('GGUF'))
    return { what: 'a GGUF file, not an ONNX graph', remedy: 'Choose the ONNX export of this model.' }
  if (head.every(byte => byte === 0)) return { what: 'filled with zeros', remedy: DOWNLOAD_AGAIN }
  return null
}
