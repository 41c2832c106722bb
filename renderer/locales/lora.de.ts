/** Deutsche Wörter der Gruppe für LoRAs. */
import type { loraEn } from './lora.en.ts'

export const loraDe: Record<keyof typeof loraEn, string> = {
  title: 'LoRA',
  hint: 'Kleine Dateien, die das Modell verändern: ein Stil, eine Person, ein Ding. Mehrere lassen sich mischen.',
  empty: 'Lege .safetensors-Dateien in den Ordner „loras“ in Easels Datenordner; dann stehen sie hier zur Wahl.',
  add: 'LoRA hinzufügen',
  addHint: 'Die aus dem Ordner „loras“, die zu diesem Modell passen. Im Prompt: {tag}',
  choose: 'Wählen …',
  others: '{n} Datei ist für andere Modelle. | {n} Dateien sind für andere Modelle.',
  weight: 'Gewicht',
  weightHint: 'Wie viel davon: 1 wie gelernt, 0 nichts. Unter 0 nimmt es weg, was es hinzufügen würde.',
  remove: 'LoRA {name} entfernen',
}
